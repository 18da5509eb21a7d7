//! Who may register under which Endpoint Client Name (Core 1.1 Transport §5.2.1, §6.4.3).

use coap::Code;

use super::{Admission, registration_interface::Refusal};
use crate::Proven;

impl Admission {
    /// The Endpoint Client Name of a Register: what the client says must be what its identity says.
    pub(crate) fn admit(&self, proven: Option<&Proven>, said: Option<String>) -> Result<String, Refusal> {
        let endpoint = match (proven, said) {
            (Some(proven), None) => proven.endpoint.clone(),
            (Some(proven), Some(said)) if said == proven.endpoint => said,
            (Some(_), Some(said)) => {
                let what = format!("ep as the security session has proven it expected, got {said:?}");
                return Err((Code::BAD_REQUEST, what));
            }
            (None, Some(said)) if self.secured.contains(&said) => {
                let what = format!("a security session expected, as there is a credential for {said:?}");
                return Err((Code::FORBIDDEN, what));
            }
            (None, Some(said)) => said,
            (None, None) => return Err((Code::BAD_REQUEST, "parameter ep expected, got none".into())),
        };
        if self.blocked.iter().any(|pattern| matches(pattern, &endpoint)) {
            return Err((Code::FORBIDDEN, "an endpoint that is not blocked expected".into()));
        }
        if self.known.as_ref().is_some_and(|known| !known.contains(&endpoint)) {
            return Err((Code::BAD_REQUEST, format!("a known endpoint expected, got {endpoint:?}")));
        }
        Ok(endpoint)
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
