use console_api::{Attributes, Operation, OperationRequest, WriteMode};
use lwm2m_codec::{ContentFormat, Level, Path};

/// The request as it goes to the device: `GET /3/0/9, Accept 11542 (TLV)` (LwM2M Transport §6.4).
pub(crate) fn request_line(request: &OperationRequest) -> String {
    let paths = request.paths.as_deref().unwrap_or_default().join(" ");
    let mut line = match method(request) {
        (method, true) => format!("{method} /"),
        (method, false) => format!("{method} {}", target(request)),
    };
    if let Some(query) = query(request) {
        line.push_str(&format!("?{query}"));
    }
    if !paths.is_empty() {
        line.push_str(&format!(" for {paths}"));
    }
    match request.op {
        Operation::Discover => line.push_str(", Accept 40 (link format)"),
        Operation::Observe | Operation::ObserveComposite => line.push_str(", Observe 0"),
        Operation::CancelObservation | Operation::CancelObservationComposite => {
            line.push_str(", Observe 1");
        }
        _ => {}
    }
    if let Some(accept) = request.accept {
        line.push_str(&format!(", Accept {}", ContentFormat(accept)));
    }
    if let Some(arguments) = &request.arguments {
        line.push_str(&format!(", arguments {arguments}"));
    }
    if let (Some(hex), Some(format)) = (&request.payload_hex, request.content_format) {
        line.push_str(&format!(", {} B {}", hex.len() / 2, ContentFormat(format)));
    }
    line
}

/// Whether the request is about the root, as composite operations are.
fn method(request: &OperationRequest) -> (&'static str, bool) {
    match request.op {
        Operation::Read | Operation::Discover | Operation::Observe | Operation::CancelObservation => {
            ("GET", false)
        }
        Operation::Write if request.mode == Some(WriteMode::PartialUpdate) => ("POST", false),
        Operation::Write | Operation::WriteAttributes => ("PUT", false),
        Operation::Execute | Operation::Create => ("POST", false),
        Operation::Delete => ("DELETE", false),
        Operation::ReadComposite | Operation::ObserveComposite | Operation::CancelObservationComposite => {
            ("FETCH", true)
        }
        Operation::WriteComposite => ("iPATCH", true),
    }
}

/// A Create goes to the Object; the id of the new instance is in its payload.
fn target(request: &OperationRequest) -> String {
    match request.path.parse::<Path>() {
        Ok(path) if request.op == Operation::Create => path.truncate(Level::Object).to_string(),
        _ => request.path.clone(),
    }
}

fn query(request: &OperationRequest) -> Option<String> {
    if let Some(depth) = request.depth {
        return Some(format!("depth={depth}"));
    }
    match &request.attributes {
        Some(Attributes::Query(query)) => Some(query.clone()),
        Some(Attributes::ByName(_)) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_paths_and_options() {
        let line = |op: Operation, change: fn(&mut OperationRequest)| {
            let mut request = OperationRequest::new(op, "/3303/1");
            change(&mut request);
            request_line(&request)
        };
        assert_eq!(
            line(Operation::Read, |request| request.accept = Some(110)),
            "GET /3303/1, Accept 110 (SenML JSON)"
        );
        let attributes = line(Operation::WriteAttributes, |request| {
            request.attributes = Some(Attributes::Query("pmin=1&gt".into()));
        });
        assert_eq!(attributes, "PUT /3303/1?pmin=1&gt");
        let update = line(Operation::Write, |request| {
            request.mode = Some(WriteMode::PartialUpdate);
            (request.payload_hex, request.content_format) = (Some("c10164".into()), Some(11542));
        });
        assert_eq!(update, "POST /3303/1, 3 B 11542 (TLV)");
        assert_eq!(line(Operation::Create, |_| ()), "POST /3303");
        assert_eq!(
            line(Operation::Discover, |request| request.depth = Some(1)),
            "GET /3303/1?depth=1, Accept 40 (link format)"
        );
        let composite = OperationRequest::composite(Operation::ObserveComposite, ["/3/0/9", "/1"]);
        assert_eq!(request_line(&composite), "FETCH / for /3/0/9 /1, Observe 0");
    }
}
