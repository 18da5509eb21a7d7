//! Who may ask: only pages that this server gave out, and programs on this machine.
//!
//! Without accounts a page of another site must not be able to operate devices through the operator's browser.
//! The Host header is checked against DNS rebinding, Origin against requests across sites.

use std::net::SocketAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::error::Failure;

/// The names under which this server may be asked.
#[derive(Clone)]
pub(super) struct Allowed {
    hosts: Vec<String>,
}

impl Allowed {
    pub(super) fn new(address: SocketAddr) -> Self {
        let port = address.port();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if !hosts.contains(&address.to_string()) {
            hosts.push(address.to_string()); // another address of the loopback network
        }
        if port == 80 {
            hosts.extend(names); // browsers leave the default port out
        }
        Self { hosts }
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let host = text(headers, &header::HOST).to_ascii_lowercase();
        if !self.hosts.contains(&host) {
            let failure = Failure::new(StatusCode::FORBIDDEN, "foreign_host", "this server has another name");
            return Err(
                failure.expected(format!("Host: {}", self.hosts.join(" or ")), format!("Host: {host}"))
            );
        }
        if !headers.contains_key(header::ORIGIN) {
            return Ok(()); // not sent by a browser on behalf of a page
        }
        let origin = text(headers, &header::ORIGIN).to_ascii_lowercase();
        if origin.strip_prefix("http://") != Some(&host) {
            let failure =
                Failure::new(StatusCode::FORBIDDEN, "foreign_origin", "the request comes from another site");
            return Err(failure.expected(format!("Origin: http://{host}"), format!("Origin: {origin}")));
        }
        Ok(())
    }
}

pub(super) async fn check(State(allowed): State<Allowed>, request: Request, next: Next) -> Response {
    let mut response = match allowed.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(pairs: &[(header::HeaderName, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        Allowed::new("127.0.0.1:8080".parse().unwrap()).check(&headers.collect()).is_ok()
    }

    #[test]
    fn only_our_own_names_and_pages() {
        use header::{HOST, ORIGIN};
        assert!(verdict(&[(HOST, "127.0.0.1:8080")]));
        assert!(verdict(&[(HOST, "LOCALHOST:8080")]));
        assert!(verdict(&[(HOST, "localhost:8080"), (ORIGIN, "http://localhost:8080")]));
        assert!(!verdict(&[]));
        assert!(!verdict(&[(HOST, "evil.example:8080")]), "DNS rebinding");
        assert!(!verdict(&[(HOST, "127.0.0.1:8080"), (ORIGIN, "http://evil.example")]));
        assert!(!verdict(&[(HOST, "127.0.0.1:8080"), (ORIGIN, "null")]));
        assert!(!verdict(&[(HOST, "127.0.0.1:8080"), (ORIGIN, "http://127.0.0.1:9999")]), "another port");
    }
}
