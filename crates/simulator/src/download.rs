use std::{net::SocketAddr, time::Duration};

use coap::{Code, Endpoint, ExchangeError, Instant, Options, Output, Request, TransmissionParameters};

use crate::{objects::DownloadFailure, server_address::ServerAddress};

/// A package on its way, fetched with one GET in blocks (RFC 7959 §2.4).
pub(crate) struct Download {
    endpoint: Endpoint<SocketAddr>,
    peer: SocketAddr,
}

pub(crate) enum Progress {
    Transmit { to: SocketAddr, datagram: Vec<u8> },
    Ended(Result<Vec<u8>, DownloadFailure>),
}

/// Even a large package in small blocks is here by then.
const PATIENCE: Duration = Duration::from_secs(300);

impl Download {
    pub(crate) fn begin(now: Instant, uri: &str, seed: [u8; 32]) -> Result<Self, DownloadFailure> {
        let (peer, options) = parse(uri)?;
        let mut endpoint = Endpoint::new(TransmissionParameters::default(), seed);
        let request = Request { options, ..Request::new(Code::GET) };
        endpoint.request(now, peer, request, PATIENCE).map_err(|_| DownloadFailure::InvalidUri)?;
        Ok(Self { endpoint, peer })
    }

    pub(crate) fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        self.endpoint.handle_datagram(now, self.peer, datagram);
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
    }

    pub(crate) fn poll(&mut self) -> Option<Progress> {
        loop {
            return Some(match self.endpoint.poll()? {
                Output::Transmit { peer, datagram } => Progress::Transmit { to: peer, datagram },
                Output::Response { message, .. } if message.code.is_success() => {
                    Progress::Ended(Ok(message.payload))
                }
                // 4.04 and the like: there is nothing at this URI.
                Output::Response { message, .. } if message.code.class() == 4 => {
                    Progress::Ended(Err(DownloadFailure::InvalidUri))
                }
                Output::Failed { error: ExchangeError::BodyTooLarge { .. }, .. } => {
                    Progress::Ended(Err(DownloadFailure::NotEnoughStorage))
                }
                Output::Response { .. } | Output::Failed { .. } => {
                    Progress::Ended(Err(DownloadFailure::ConnectionLost))
                }
                // A download serves nothing and observes nothing.
                _ => continue,
            });
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.endpoint.poll_timeout().map(|(due, _)| due)
    }
}

/// Where a `coap` URI points and what to ask for there (RFC 7252 §6.4). Hosts are addresses or `localhost`: looking
/// up a name would keep the fleet waiting.
fn parse(uri: &str) -> Result<(SocketAddr, Options), DownloadFailure> {
    let (scheme, rest) = uri.split_once("://").ok_or(DownloadFailure::InvalidUri)?;
    if !scheme.eq_ignore_ascii_case("coap") {
        return Err(DownloadFailure::UnsupportedProtocol);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, resource) = rest.split_at(end);
    let address: ServerAddress =
        format!("coap://{authority}").parse().map_err(|_| DownloadFailure::InvalidUri)?;
    let peer = address.without_lookup().ok_or(DownloadFailure::InvalidUri)?;
    let (path, query) = resource.split_once('?').unwrap_or((resource, ""));
    let mut options = Options::new().with_path(path);
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        options = options.with_query(parameter);
    }
    Ok((peer, options))
}

#[cfg(test)]
mod tests {
    use coap::{Block, Message, MessageType};

    use super::*;

    #[test]
    fn c_048_a_package_uri_says_whom_to_ask_for_what() {
        let (peer, options) = parse("coap://127.0.0.1:7683/images/meter?v=5").unwrap();
        assert_eq!(peer, SocketAddr::from(([127, 0, 0, 1], 7683)));
        assert_eq!(options.uri_path(), Ok(vec!["images", "meter"]));
        assert_eq!(options.uri_query(), Ok(vec!["v=5"]));
        assert_eq!(parse("coap://localhost/x").unwrap().0, SocketAddr::from(([127, 0, 0, 1], 5683)));
        for (uri, failure) in [
            ("https://127.0.0.1/x", DownloadFailure::UnsupportedProtocol),
            ("coap+tcp://127.0.0.1/x", DownloadFailure::UnsupportedProtocol),
            ("image.bin", DownloadFailure::InvalidUri),
            ("coap://:1/x", DownloadFailure::InvalidUri),
            ("coap://firmware.example/x", DownloadFailure::InvalidUri),
        ] {
            assert_eq!(parse(uri).map(drop), Err(failure), "{uri}");
        }
    }

    /// Answers every request of a download, and says how it ended.
    fn run(answer: impl Fn(&Message) -> (Code, Options, Vec<u8>)) -> Result<Vec<u8>, DownloadFailure> {
        let now = Instant::from_millis(1);
        let mut download = Download::begin(now, "coap://127.0.0.1/x", [1; 32]).unwrap();
        loop {
            match download.poll().expect("it goes on") {
                Progress::Ended(result) => return result,
                Progress::Transmit { datagram, .. } => {
                    let request = Message::decode(&datagram).unwrap();
                    let (code, options, payload) = answer(&request);
                    let response = Message {
                        message_type: MessageType::Acknowledgement,
                        code,
                        options,
                        payload,
                        ..request
                    };
                    download.handle_datagram(now, &response.encode().unwrap());
                }
            }
        }
    }

    #[test]
    fn c_048_a_package_comes_in_blocks() {
        let package: Vec<u8> = (0..200_u8).collect();
        let served = run(|request| {
            let number = request.options.block2().map_or(0, |block| block.num);
            let start = 64 * number as usize;
            let end = (start + 64).min(package.len());
            let block = Block { num: number, more: end < package.len(), szx: 2 };
            (Code::CONTENT, Options::new().with_block2(block), package[start..end].to_vec())
        });
        assert_eq!(served, Ok(package));
    }

    #[test]
    fn c_048_where_nothing_is_the_uri_is_invalid() {
        assert_eq!(run(|_| (Code::NOT_FOUND, Options::new(), Vec::new())), Err(DownloadFailure::InvalidUri));
        assert_eq!(
            run(|_| (Code::INTERNAL_SERVER_ERROR, Options::new(), Vec::new())),
            Err(DownloadFailure::ConnectionLost)
        );
    }
}
