//! A request of the REST interface as an operation of the server role.

use std::str::FromStr;

use console_api::{Cancellation as How, Operation as Op, OperationRequest, WriteMode as Mode};
use lwm2m_codec::{ContentFormat, Path};
use lwm2m_core::server::{Cancellation, Operation, WriteMode};

use super::{Addressee, Asked, attributes, encoding};
use crate::http::error::Failure;

pub(super) fn read(request: &OperationRequest, addressee: &Addressee) -> Result<Asked, Failure> {
    let path = path(&request.path)?;
    only_fields(request)?;
    let accept = request.accept.map(ContentFormat);
    let how = match request.how {
        Some(How::Passive) => Cancellation::Passive,
        Some(How::Active) | None => Cancellation::Active,
    };
    let mut chosen = None;
    let mut choose = |(format, payload)| {
        chosen = request.content_format.is_none().then_some(format);
        (format, payload)
    };
    let operation = match request.op {
        Op::Read => Operation::Read { path, accept },
        Op::Discover => Operation::Discover { path, depth: request.depth },
        Op::Write => {
            let (content_format, payload) = choose(encoding::write(&path, request, addressee)?);
            Operation::Write { path, mode: mode(request), content_format, payload }
        }
        Op::WriteAttributes => {
            Operation::WriteAttributes { path, attributes: attributes::write(&path, request, addressee)? }
        }
        Op::Execute => Operation::Execute { path, arguments: arguments(request)? },
        Op::Create => {
            let (content_format, payload) = choose(encoding::create(&path, request, addressee)?);
            Operation::Create { path: path.truncate(lwm2m_codec::Level::Object), content_format, payload }
        }
        Op::Delete => Operation::Delete { path },
        Op::ReadComposite => {
            let content_format = encoding::path_list_format(request, addressee);
            Operation::ReadComposite { paths: paths(request)?, content_format, accept }
        }
        Op::WriteComposite => {
            let (content_format, payload) = choose(encoding::write_composite(request, addressee)?);
            Operation::WriteComposite { content_format, payload }
        }
        Op::Observe => {
            let parameters = attributes::observe(&path, request, addressee)?;
            Operation::Observe { path, accept, parameters }
        }
        Op::CancelObservation => Operation::CancelObservation { path, how },
        Op::ObserveComposite => {
            let content_format = encoding::path_list_format(request, addressee);
            let parameters = attributes::observe(&Path::ROOT, request, addressee)?;
            Operation::ObserveComposite { paths: paths(request)?, content_format, accept, parameters }
        }
        Op::CancelObservationComposite => {
            Operation::CancelObservationComposite { paths: paths(request)?, how }
        }
    };
    Ok(Asked { operation, chosen })
}

pub(in crate::http) fn path(text: &str) -> Result<Path, Failure> {
    Path::from_str(text).map_err(|error| {
        Failure::bad_request(format!("path: {error}")).expected("a path such as /3/0/0", text)
    })
}

/// A field that the operation has no use for is a mistake of the caller, not something to ignore.
fn only_fields(request: &OperationRequest) -> Result<(), Failure> {
    let allowed: &[&str] = match request.op {
        Op::Read => &["path", "accept"],
        Op::Discover => &["path", "depth"],
        Op::Write => &["path", "value", "values", "payload_hex", "content_format", "mode"],
        Op::WriteAttributes => &["path", "attributes"],
        Op::Execute => &["path", "arguments"],
        Op::Create => &["path", "values", "payload_hex", "content_format"],
        Op::Delete => &["path"],
        Op::ReadComposite => &["paths", "content_format", "accept"],
        Op::WriteComposite => &["values", "payload_hex", "content_format"],
        Op::Observe => &["path", "accept", "attributes"],
        Op::CancelObservation => &["path", "how"],
        Op::ObserveComposite => &["paths", "content_format", "accept", "attributes"],
        Op::CancelObservationComposite => &["paths", "how"],
    };
    let given = [
        ("path", request.path != "/"),
        ("paths", request.paths.is_some()),
        ("value", request.value.is_some()),
        ("values", request.values.is_some()),
        ("payload_hex", request.payload_hex.is_some()),
        ("content_format", request.content_format.is_some()),
        ("mode", request.mode.is_some()),
        ("arguments", request.arguments.is_some()),
        ("accept", request.accept.is_some()),
        ("attributes", request.attributes.is_some()),
        ("depth", request.depth.is_some()),
        ("how", request.how.is_some()),
    ];
    match given.iter().find(|(name, given)| *given && !allowed.contains(name)) {
        None => Ok(()),
        Some((name, _)) => Err(Failure::bad_request(format!("{name} has no meaning for this operation"))
            .expected(format!("op, timeout_ms, {}", allowed.join(", ")), *name)),
    }
}

fn mode(request: &OperationRequest) -> WriteMode {
    match request.mode {
        Some(Mode::PartialUpdate) => WriteMode::PartialUpdate,
        Some(Mode::Replace) | None => WriteMode::Replace,
    }
}

fn arguments(request: &OperationRequest) -> Result<Option<String>, Failure> {
    let arguments = request.arguments.clone().filter(|arguments| !arguments.is_empty());
    if let Some(arguments) = &arguments {
        lwm2m_codec::execute::parse(arguments).map_err(|error| {
            Failure::bad_request(format!("arguments: {error}")).expected(error.expected(), error.found())
        })?;
    }
    Ok(arguments)
}

fn paths(request: &OperationRequest) -> Result<Vec<Path>, Failure> {
    match request.paths.as_deref() {
        Some(paths @ [_, ..]) => paths.iter().map(|text| path(text)).collect(),
        _ => {
            let failure = Failure::bad_request("what the composite operation is about is missing");
            Err(failure.expected(r#"paths such as ["/3/0/9", "/1"]"#, "none"))
        }
    }
}
