use std::{fmt::Write as _, net::SocketAddr};

use anyhow::{Context as _, Result, ensure};
use console_api::ApiError;
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::wait::PATIENCE;

/// A client of the REST interface that sends exactly the headers it is told to.
#[derive(Clone, Debug)]
pub struct Rest {
    server: SocketAddr,
}

/// An HTTP response.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Rest {
    pub const fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.request("GET", path, &[("host", &self.server.to_string())], "").await
    }

    /// The body of an answer with status 200 that is no text.
    pub async fn download(&self, path: &str) -> Result<Vec<u8>> {
        let response = self.exchange("GET", path, &[("host", &self.server.to_string())], "").await?;
        let head =
            response.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("has no end of headers")?;
        ensure!(response.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&response[..head]));
        Ok(response[head + 4..].to_vec())
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.request("DELETE", path, &[("host", &self.server.to_string())], "").await
    }

    /// Posts JSON the way a page of the console does.
    pub async fn post(&self, path: &str, json: &str) -> Result<Answer> {
        self.send_json("POST", path, json).await
    }

    /// Puts JSON the way a page of the console does.
    pub async fn put(&self, path: &str, json: &str) -> Result<Answer> {
        self.send_json("PUT", path, json).await
    }

    async fn send_json(&self, method: &str, path: &str, json: &str) -> Result<Answer> {
        let host = self.server.to_string();
        let origin = format!("http://{host}");
        let headers = [("host", host.as_str()), ("origin", &origin), ("content-type", "application/json")];
        self.request(method, path, &headers, json).await
    }

    /// One request on a connection of its own.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        let response = self.exchange(method, path, headers, body).await?;
        Answer::parse(&response).with_context(|| format!("the answer to {method} {path}"))
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Vec<u8>> {
        let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in headers {
            write!(text, "{name}: {value}\r\n")?;
        }
        write!(text, "content-length: {}\r\n\r\n{body}", body.len())?;
        let conversation = async {
            let mut stream = TcpStream::connect(self.server).await?;
            stream.write_all(text.as_bytes()).await?;
            let mut response = Vec::new();
            stream.read_to_end(&mut response).await?;
            Ok::<_, std::io::Error>(response)
        };
        let response = timeout(PATIENCE, conversation).await;
        let response = response.with_context(|| format!("no answer to {method} {path}"))??;
        in_one_piece(response).with_context(|| format!("the answer to {method} {path}"))
    }
}

/// A body that came in chunks (RFC 9112 §7.1) without them. One that breaks off is an error.
fn in_one_piece(response: Vec<u8>) -> Result<Vec<u8>> {
    let head = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("has no end of headers")?;
    let headers = String::from_utf8_lossy(&response[..head]).to_ascii_lowercase();
    if !headers.contains("transfer-encoding: chunked") {
        return Ok(response);
    }
    let (mut whole, mut rest) = (response[..head + 4].to_vec(), &response[head + 4..]);
    loop {
        let line = rest.windows(2).position(|bytes| bytes == b"\r\n").context("breaks off before a chunk")?;
        let size = usize::from_str_radix(core::str::from_utf8(&rest[..line])?, 16)?;
        if size == 0 {
            return Ok(whole);
        }
        let chunk = rest.get(line + 2..line + 2 + size).context("breaks off within a chunk")?;
        whole.extend_from_slice(chunk);
        rest = rest.get(line + 4 + size..).context("breaks off after a chunk")?;
    }
}

impl Answer {
    fn parse(response: &[u8]) -> Result<Self> {
        let text = String::from_utf8_lossy(response);
        let (head, body) = text.split_once("\r\n\r\n").context("has no end of headers")?;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("has no status")?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Ok(Self { status: status.parse()?, headers, body: body.to_owned() })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body, which must have come with `status`.
    pub fn json<T: DeserializeOwned>(&self, status: u16) -> Result<T> {
        ensure!(self.status == status, "expected status {status}, got {}: {}", self.status, self.body);
        serde_json::from_str(&self.body).with_context(|| format!("unexpected body: {}", self.body))
    }

    /// The error in the body, which must have come with `status`.
    pub fn error(&self, status: u16) -> Result<ApiError> {
        self.json(status)
    }
}

/// Percent-encodes everything that may not stand in one segment of a path.
pub fn encode_segment(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read() {
        let answer = Answer::parse(b"HTTP/1.1 404 Not Found\r\nContent-Type: a\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("a")));
        assert!(answer.json::<serde_json::Value>(404).is_ok());
        assert!(answer.json::<serde_json::Value>(200).is_err());
    }

    #[test]
    fn any_endpoint_name_fits_into_a_path() {
        assert_eq!(encode_segment("urn:dev:ops:1-2"), "urn%3Adev%3Aops%3A1-2");
        assert_eq!(encode_segment("a/\"ü\""), "a%2F%22%C3%BC%22");
    }
}
