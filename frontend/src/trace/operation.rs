use coap::{Code, Message};
use console_api::Direction;
use lwm2m_codec::{ContentFormat, Level, Path};

/// The operation of LwM2M that a request is (LwM2M Transport §6.4); none for requests that are none.
///
/// What the server receives comes from clients: their side of the interfaces is told by the first path segment.
pub(super) fn operation(request: &Message, direction: Direction) -> Option<&'static str> {
    let path = request.options.uri_path().unwrap_or_default();
    match direction {
        Direction::Received => of_client(request.code, &path),
        Direction::Sent => of_server(request, &node(&path)?),
    }
}

fn of_client(code: Code, path: &[&str]) -> Option<&'static str> {
    match (code, path) {
        (Code::POST, ["rd"]) => Some("Register"),
        (Code::POST | Code::PUT, ["rd", ..]) => Some("Update"),
        (Code::DELETE, ["rd", ..]) => Some("De-register"),
        (Code::POST, ["dp"]) => Some("Send"),
        (Code::POST, ["bs"]) => Some("Bootstrap-Request"),
        _ => None,
    }
}

fn of_server(request: &Message, path: &Path) -> Option<&'static str> {
    let observe = request.options.observe();
    Some(match request.code {
        Code::GET if observe == Some(0) => "Observe",
        Code::GET if observe.is_some() => "Cancel Observation",
        Code::GET if request.options.accept() == Some(ContentFormat::CORE_LINK.0) => "Discover",
        Code::GET => "Read",
        Code::FETCH if observe == Some(0) => "Observe-Composite",
        Code::FETCH if observe.is_some() => "Cancel Observation-Composite",
        Code::FETCH => "Read-Composite",
        Code::IPATCH => "Write-Composite",
        Code::PUT if request.payload.is_empty() && request.options.content_format().is_none() => {
            "Write-Attributes"
        }
        Code::PUT => "Write",
        Code::POST if path.level() == Level::Object => "Create",
        Code::POST
            if path.level() == Level::Resource && request.options.content_format().is_none_or(is_text) =>
        {
            "Execute"
        }
        Code::POST => "Write",
        Code::DELETE => "Delete",
        _ => return None,
    })
}

fn is_text(format: u16) -> bool {
    ContentFormat(format).canonical() == ContentFormat::TEXT
}

/// The node that a request is about: what stands behind the alternate path of the client.
pub(super) fn node(path: &[&str]) -> Option<Path> {
    (0..=path.len()).find_map(|root| {
        let alternate = path[..root].iter().all(|segment| segment.parse::<u16>().is_err());
        alternate.then(|| format!("/{}", path[root..].join("/")).parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use coap::{MessageId, MessageType, Options, Token};

    use super::*;

    fn request(code: Code, options: Options, payload: &[u8]) -> Message {
        Message {
            message_type: MessageType::Confirmable,
            code,
            message_id: MessageId(1),
            token: Token::EMPTY,
            options,
            payload: payload.to_vec(),
        }
    }

    #[test]
    fn requests_of_the_server() {
        let name = |code, options: Options, payload: &[u8]| {
            operation(&request(code, options, payload), Direction::Sent).unwrap_or("none")
        };
        let at = |path: &str| Options::new().with_path(path);
        assert_eq!(name(Code::GET, at("/3/0"), b""), "Read");
        assert_eq!(name(Code::GET, at("/3/0").with_accept(40), b""), "Discover");
        assert_eq!(name(Code::GET, at("/3/0/9").with_observe(0), b""), "Observe");
        assert_eq!(name(Code::GET, at("/3/0/9").with_observe(1), b""), "Cancel Observation");
        assert_eq!(name(Code::PUT, at("/3/0/9").with_query("pmin=5"), b""), "Write-Attributes");
        assert_eq!(name(Code::PUT, at("/3/0/15").with_content_format(0), b""), "Write");
        assert_eq!(name(Code::POST, at("/3/0/4"), b""), "Execute");
        assert_eq!(name(Code::POST, at("/3/0").with_content_format(11542), b"\xc1\x01a"), "Write");
        assert_eq!(name(Code::POST, at("/lwm2m/3303").with_content_format(11542), b""), "Create");
        assert_eq!(name(Code::FETCH, Options::new(), b"x"), "Read-Composite");
        assert_eq!(name(Code::GET, at("/.well-known/core"), b""), "Read");
        assert_eq!(name(Code::new(0, 31), at("/3"), b""), "none");
    }

    #[test]
    fn requests_of_clients() {
        let name = |code, path: &str| {
            operation(&request(code, Options::new().with_path(path), b""), Direction::Received)
        };
        assert_eq!(name(Code::POST, "/rd"), Some("Register"));
        assert_eq!(name(Code::POST, "/rd/5"), Some("Update"));
        assert_eq!(name(Code::DELETE, "/rd/5"), Some("De-register"));
        assert_eq!(name(Code::POST, "/dp"), Some("Send"));
        assert_eq!(name(Code::GET, "/"), None);
    }

    #[test]
    fn the_alternate_path_is_no_part_of_the_node() {
        assert_eq!(node(&["3", "0"]), Some(Path::instance(3, 0)));
        assert_eq!(node(&["lwm2m", "3", "0", "9"]), Some(Path::resource(3, 0, 9)));
        assert_eq!(node(&[]), Some(Path::ROOT));
        assert_eq!(node(&["3", "x"]), None);
        assert_eq!(node(&["3", "0", "1", "2", "3"]), None);
    }
}
