//! Operations as CoAP requests (LwM2M 1.0 TS §8.2.5, §8.2.6; Core 1.1 Transport §6.4.4, §6.4.5).

use coap::{Code, Options, Request};
use lwm2m_codec::{ContentFormat, Path, attributes::WriteAttributes, encode_paths};

use super::{ObservationTarget, Operation, OperationError, WantedObservation, WriteMode};

/// Observe option of a request that starts an observation (RFC 7641 §2).
pub(super) const START: u32 = 0;

/// Observe option of a request that ends an observation.
pub(super) const END: u32 = 1;

/// The request of an operation, for a client whose LwM2M tree begins at `root`. Observations have
/// [`observation_request`].
pub(super) fn coap_request(root: &str, operation: &Operation) -> Result<Request, OperationError> {
    let (code, options, payload) = match operation {
        Operation::Read { path, accept } => (Code::GET, accepting(at(root, *path), *accept), Vec::new()),
        Operation::Discover { path, depth } => {
            let options = at(root, *path).with_accept(ContentFormat::CORE_LINK.0);
            let queries = depth.map(|depth| format!("depth={depth}"));
            (Code::GET, asking(options, queries), Vec::new())
        }
        Operation::Write { path, mode, content_format, payload } => {
            return Ok(write_request(root, *path, *mode, *content_format, payload.clone()));
        }
        Operation::WriteAttributes { path, attributes } => {
            (Code::PUT, asking(at(root, *path), attributes.to_queries()), Vec::new())
        }
        Operation::Execute { path, arguments: None } => (Code::POST, at(root, *path), Vec::new()),
        Operation::Execute { path, arguments: Some(arguments) } => {
            let options = at(root, *path).with_content_format(ContentFormat::TEXT.0);
            (Code::POST, options, arguments.clone().into_bytes())
        }
        Operation::Create { path, payload, .. } if payload.is_empty() => {
            (Code::POST, at(root, *path), Vec::new())
        }
        Operation::Create { path, content_format, payload } => {
            (Code::POST, at(root, *path).with_content_format(content_format.0), payload.clone())
        }
        Operation::Delete { path } => (Code::DELETE, at(root, *path), Vec::new()),
        Operation::ReadComposite { paths, content_format, accept } => {
            let options = accepting(at(root, Path::ROOT).with_content_format(content_format.0), *accept);
            (Code::FETCH, options, list(*content_format, paths)?)
        }
        Operation::WriteComposite { content_format, payload } => {
            (Code::IPATCH, at(root, Path::ROOT).with_content_format(content_format.0), payload.clone())
        }
        Operation::Observe { .. }
        | Operation::CancelObservation { .. }
        | Operation::ObserveComposite { .. }
        | Operation::CancelObservationComposite { .. } => {
            return Err(OperationError::NotPossible {
                expected: "an operation that observes nothing".to_owned(),
                got: "one that does".to_owned(),
            });
        }
    };
    Ok(Request { options, payload, ..Request::new(code) })
}

pub(super) fn write_request(
    root: &str,
    path: Path,
    mode: WriteMode,
    content_format: ContentFormat,
    payload: Vec<u8>,
) -> Request {
    let code = match mode {
        WriteMode::Replace => Code::PUT,
        WriteMode::PartialUpdate => Code::POST,
    };
    let options = at(root, path).with_content_format(content_format.0);
    Request { options, payload, ..Request::new(code) }
}

/// The request that starts or ends an observation. Both have the same options but for Observe (RFC 7641 §3.6).
pub(super) fn observation_request(
    root: &str,
    asked: &WantedObservation,
    observe: u32,
) -> Result<Request, OperationError> {
    let request = resource_request(root, asked)?;
    Ok(Request { options: request.options.with_observe(observe), ..request })
}

/// The request for what is observed, without the Observe option.
pub(super) fn resource_request(root: &str, asked: &WantedObservation) -> Result<Request, OperationError> {
    let queries = asked.parameters.iter().flat_map(|set| WriteAttributes::setting(set).to_queries());
    let options = asking(accepting(at(root, asked.target.path()), asked.accept), queries);
    match (&asked.target, asked.content_format) {
        (ObservationTarget::Paths(paths), Some(format)) => {
            let options = options.with_content_format(format.0);
            Ok(Request { options, payload: list(format, paths)?, ..Request::new(Code::FETCH) })
        }
        _ => Ok(Request { options, ..Request::new(Code::GET) }),
    }
}

/// Every request goes below the alternate path, if there is one (LwM2M 1.0 TS §8.2.1).
fn at(root: &str, path: Path) -> Options {
    let root = root.trim_end_matches('/');
    if path == Path::ROOT {
        return Options::default().with_path(root);
    }
    Options::default().with_path(&format!("{root}{path}"))
}

fn accepting(options: Options, accept: Option<ContentFormat>) -> Options {
    accept.iter().fold(options, |options, format| options.with_accept(format.0))
}

fn asking(options: Options, queries: impl IntoIterator<Item = String>) -> Options {
    queries.into_iter().fold(options, |options, query| options.with_query(&query))
}

fn list(format: ContentFormat, paths: &[Path]) -> Result<Vec<u8>, OperationError> {
    encode_paths(format, paths).map_err(|error| OperationError::NotPossible {
        expected: "paths, each once, in SenML JSON or SenML CBOR".to_owned(),
        got: error.to_string(),
    })
}
