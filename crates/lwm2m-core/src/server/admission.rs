//! Who may register under which Endpoint Client Name (Core 1.1 Transport §5.2.1, §6.4.3).

use coap::Code;

use super::{Admission, registration_interface::Refusal};
use crate::PeerIdentity;

impl Admission {
    /// The Endpoint Client Name of a Register: what the client says must be what its identity says.
    pub(super) fn admit(&self, identity: &PeerIdentity, said: Option<String>) -> Result<String, Refusal> {
        let endpoint = match (self.proven(identity), said, identity) {
            (Some(proven), None, _) => proven,
            (Some(proven), Some(said), _) if said == proven => said,
            (None, Some(said), PeerIdentity::NoSec) => said,
            (Some(_), Some(said), _) => {
                let what = format!("ep as the security session has proven it expected, got {said:?}");
                return Err((Code::BAD_REQUEST, what));
            }
            (None, _, PeerIdentity::NoSec) => {
                return Err((Code::BAD_REQUEST, "parameter ep expected, got none".into()));
            }
            (None, ..) => {
                let what = "an identity that belongs to an endpoint expected, got an unknown one";
                return Err((Code::BAD_REQUEST, what.into()));
            }
        };
        if self.blocked.iter().any(|pattern| matches(pattern, &endpoint)) {
            return Err((Code::FORBIDDEN, "an endpoint that is not blocked expected".into()));
        }
        if self.known.as_ref().is_some_and(|known| !known.contains(&endpoint)) {
            return Err((Code::BAD_REQUEST, format!("a known endpoint expected, got {endpoint:?}")));
        }
        Ok(endpoint)
    }

    /// The name that the security layer has proven.
    pub(super) fn proven(&self, identity: &PeerIdentity) -> Option<String> {
        self.endpoints.get(identity).cloned().or_else(|| match identity {
            PeerIdentity::Psk(name) | PeerIdentity::Certificate(name) => Some(name.clone()),
            PeerIdentity::NoSec | PeerIdentity::RawPublicKey(_) => None,
        })
    }
}

fn matches(pattern: &str, endpoint: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == endpoint,
        Some((start, end)) => {
            endpoint.strip_prefix(start).is_some_and(|rest| rest.len() >= end.len() && rest.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("urn:dev:*", "urn:dev:1") && matches("*", "") && matches("a*c", "abc"));
        assert!(matches("a*a", "aa") && !matches("a*a", "a"), "start and end do not overlap");
        assert!(!matches("urn", "urn:dev:1") && !matches("*x", "xy"));
    }
}
