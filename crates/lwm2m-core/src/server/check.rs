//! What the standard has no request for, or this client cannot know, is refused before anything is sent.

use lwm2m_codec::{
    ContentFormat, Decoder, Level, Lookup, NoDefinitions, Path,
    attributes::{AttributeTarget, NotificationAttributes, Violation, WriteAttributes},
    execute,
    registration::LwM2mVersion,
};

use lwm2m_model::{ClientModel, ResourceDefinition};

use super::{Operation, OperationError, Registration, Server, WantedObservation, WriteMode, limits};

type Check = Result<(), OperationError>;

/// The Objects that hold secrets: Security, OSCORE, COSE (Core 1.2 §6.3). No LwM2M Server reaches them.
const SECRET_OBJECTS: [u16; 3] = [0, 21, 23];

/// Formats of a list of paths, and of a payload that says the path of each value (Core 1.1 §7.4).
const LISTS: [ContentFormat; 4] = [
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_ETCH_JSON,
    ContentFormat::SENML_ETCH_CBOR,
];
const WITH_PATHS: [ContentFormat; 3] =
    [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::LWM2M_CBOR];
const WITH_PATHS_TO_WRITE: [ContentFormat; 5] = [
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_ETCH_JSON,
    ContentFormat::SENML_ETCH_CBOR,
    ContentFormat::LWM2M_CBOR,
];

/// Formats of a Create (LwM2M 1.0 TS §5.4.7): one value without a path is no Object Instance.
const OF_INSTANCES: [ContentFormat; 5] = [
    ContentFormat::TLV,
    ContentFormat::JSON,
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::LWM2M_CBOR,
];

impl Server {
    /// With `force` only what no request can say, or there is no room for, is refused: to see what a client makes of
    /// what it should refuse itself.
    pub(super) fn check(&self, registration: &Registration, operation: &Operation, force: bool) -> Check {
        check_levels(operation)?;
        check_formats(operation)?;
        check_payload(operation)?;
        if !force {
            self.check_supported(registration, operation)?;
        }
        self.check_room(registration, operation)
    }

    /// What this client can be expected to answer.
    fn check_supported(&self, registration: &Registration, operation: &Operation) -> Check {
        check_targets(&registration.links.root, operation)?;
        check_version(registration.version, operation)?;
        formats(operation).try_for_each(|format| check_newer_format(registration, format))?;
        let model = self.config.definitions.as_deref().map(|registry| registration.model(registry));
        match &model {
            None => check_attributes(registration.version, operation, &NoDefinitions)?,
            Some(model) => {
                check_attributes(registration.version, operation, model)?;
                check_values(&registration.links.root, operation, model)?;
            }
        }
        self.check_refusals(registration, operation)
    }

    fn check_room(&self, registration: &Registration, operation: &Operation) -> Check {
        match WantedObservation::of(operation) {
            Some(wanted) if !self.observations.has_room(&registration.endpoint, &wanted.target) => {
                let limit = limits::OBSERVATIONS_PER_CLIENT;
                not_possible(format!("at most {limit} observations of a client"), "one more")
            }
            _ => Ok(()),
        }
    }
}

/// Core 1.1 §6.3: an operation on an Object with secrets is answered 4.01, whatever it is.
fn check_targets(root: &str, operation: &Operation) -> Check {
    let secret = |path: &Path| path.object_id().is_some_and(|object| SECRET_OBJECTS.contains(&object));
    match targets(root, operation).into_iter().find(secret) {
        Some(path) => not_possible(
            "an Object other than 0, 21 and 23, which no LwM2M Server may reach (Core §6.3: 4.01)",
            path.to_string(),
        ),
        None => Ok(()),
    }
}

fn targets(root: &str, operation: &Operation) -> Vec<Path> {
    match operation {
        Operation::ReadComposite { paths, .. }
        | Operation::ObserveComposite { paths, .. }
        | Operation::CancelObservationComposite { paths, .. } => paths.clone(),
        Operation::WriteComposite { content_format, payload } => {
            // What cannot be read here, a record that takes a value away for example, is for the client to judge.
            let records =
                Decoder::new(*content_format, &Path::ROOT, &NoDefinitions).root(root).decode(payload);
            records.unwrap_or_default().into_iter().map(|record| record.path).collect()
        }
        _ => vec![operation.path()],
    }
}

/// LwM2M 1.0 TS §5.4: table of operations and levels.
fn check_levels(operation: &Operation) -> Check {
    let path = operation.path();
    let level = path.level();
    let (expected, possible) = match operation {
        Operation::Read { .. }
        | Operation::WriteAttributes { .. }
        | Operation::Observe { .. }
        | Operation::CancelObservation { .. } => {
            ("an Object, Object Instance, Resource or Resource Instance", level != Level::Root)
        }
        Operation::Discover { .. } => (
            "an Object, Object Instance or Resource",
            matches!(level, Level::Object | Level::ObjectInstance | Level::Resource),
        ),
        Operation::Write { mode: WriteMode::Replace, .. } => (
            "an Object Instance, Resource or Resource Instance",
            matches!(level, Level::ObjectInstance | Level::Resource | Level::ResourceInstance),
        ),
        Operation::Write { mode: WriteMode::PartialUpdate, .. } => (
            "an Object Instance, or a Resource with several instances",
            matches!(level, Level::ObjectInstance | Level::Resource),
        ),
        Operation::Execute { .. } => ("a Resource", level == Level::Resource),
        Operation::Create { .. } => ("an Object", level == Level::Object),
        Operation::Delete { .. } => (
            "an Object Instance or a Resource Instance",
            matches!(level, Level::ObjectInstance | Level::ResourceInstance),
        ),
        Operation::ReadComposite { paths, .. }
        | Operation::ObserveComposite { paths, .. }
        | Operation::CancelObservationComposite { paths, .. } => {
            return check_list(paths);
        }
        Operation::WriteComposite { .. } => ("/", true),
    };
    if possible { Ok(()) } else { not_possible(expected, path.to_string()) }
}

fn check_list(paths: &[Path]) -> Check {
    let expected = format!("1 to {} paths", limits::PATHS_PER_OPERATION);
    if paths.is_empty() || paths.len() > limits::PATHS_PER_OPERATION {
        return not_possible(expected, paths.len().to_string());
    }
    Ok(())
}

/// What later versions of the standard have added.
fn check_version(version: LwM2mVersion, operation: &Operation) -> Check {
    use LwM2mVersion::{V1_1, V1_2};
    let level = operation.path().level();
    let (what, since) = match operation {
        Operation::ReadComposite { .. }
        | Operation::WriteComposite { .. }
        | Operation::ObserveComposite { .. }
        | Operation::CancelObservationComposite { .. } => ("a composite operation", V1_1),
        Operation::Delete { .. } if level == Level::ResourceInstance => {
            ("Delete of a Resource Instance", V1_2)
        }
        Operation::Create { payload, .. } if payload.is_empty() => ("Create without a payload", V1_2),
        Operation::Discover { depth: Some(_), .. } => ("Discover with a depth", V1_2),
        Operation::Observe { parameters: Some(_), .. } => ("Observe with attributes", V1_2),
        // To a client of 1.0 this is an Execute.
        Operation::Write { mode: WriteMode::PartialUpdate, .. } if level == Level::Resource => {
            ("Partial Update of a Resource", V1_1)
        }
        _ if level == Level::ResourceInstance => ("a Resource Instance as target", V1_1),
        _ => return Ok(()),
    };
    if version < since {
        return not_possible(format!("a client of LwM2M {since} for {what}"), format!("one of {version}"));
    }
    match operation {
        Operation::ObserveComposite { parameters: Some(_), .. } if version < V1_2 => {
            let expected = "a client of LwM2M 1.2 for Observe-Composite with attributes";
            not_possible(expected, format!("one of {version}"))
        }
        Operation::Discover { depth: Some(depth), .. } if *depth > 3 => {
            not_possible("a depth of 0 to 3", depth.to_string())
        }
        _ => Ok(()),
    }
}

/// Core 1.2 §7.4: which formats an operation can have.
fn check_formats(operation: &Operation) -> Check {
    let one_of = |format: ContentFormat, formats: &[ContentFormat]| {
        if formats.contains(&format) {
            return Ok(());
        }
        let expected: Vec<String> = formats.iter().map(ToString::to_string).collect();
        not_possible(format!("one of the formats {}", expected.join(", ")), format.to_string())
    };
    match operation {
        Operation::ReadComposite { content_format, accept, .. }
        | Operation::ObserveComposite { content_format, accept, .. } => {
            one_of(*content_format, &LISTS)?;
            accept.map_or(Ok(()), |accept| one_of(accept, &WITH_PATHS))
        }
        Operation::WriteComposite { content_format, .. } => one_of(*content_format, &WITH_PATHS_TO_WRITE),
        Operation::Create { payload, .. } if payload.is_empty() => Ok(()),
        Operation::Create { content_format, .. } => one_of(*content_format, &OF_INSTANCES),
        _ => Ok(()),
    }
}

/// What goes out, and what is asked for.
fn formats(operation: &Operation) -> impl Iterator<Item = ContentFormat> {
    let (sent, accept) = match operation {
        Operation::ReadComposite { content_format, accept, .. }
        | Operation::ObserveComposite { content_format, accept, .. } => (Some(*content_format), *accept),
        Operation::Write { content_format, .. } | Operation::WriteComposite { content_format, .. } => {
            (Some(*content_format), None)
        }
        Operation::Create { content_format, payload, .. } => {
            (Some(*content_format).filter(|_| !payload.is_empty()), None)
        }
        Operation::Read { accept, .. } | Operation::Observe { accept, .. } => (None, *accept),
        _ => (None, None),
    };
    sent.into_iter().chain(accept)
}

/// LwM2M CBOR and SenML-ETCH came with 1.2; an earlier client may have listed them all the same.
fn check_newer_format(registration: &Registration, format: ContentFormat) -> Check {
    let newer = matches!(
        format,
        ContentFormat::LWM2M_CBOR | ContentFormat::SENML_ETCH_JSON | ContentFormat::SENML_ETCH_CBOR
    );
    if newer
        && registration.version < LwM2mVersion::V1_2
        && !registration.links.content_formats.contains(&format)
    {
        let expected = format!("a client of LwM2M 1.2, or one that lists it, for the format {format}");
        return not_possible(expected, format!("one of {}", registration.version));
    }
    Ok(())
}

fn check_payload(operation: &Operation) -> Check {
    let (payload, limit) = match operation {
        Operation::Write { path, content_format, payload, .. } => {
            (payload.len(), write_limit(*path, *content_format))
        }
        Operation::Create { payload, .. } | Operation::WriteComposite { payload, .. } => {
            (payload.len(), limits::PAYLOAD_BYTES)
        }
        Operation::Execute { arguments: Some(arguments), .. } => {
            // LwM2M 1.0 TS §5.4.5 has a grammar for them.
            if let Err(error) = execute::parse(arguments) {
                return not_possible("arguments such as 0='text',1", error.to_string());
            }
            (arguments.len(), limits::PAYLOAD_BYTES)
        }
        _ => return Ok(()),
    };
    if payload > limit {
        return not_possible(format!("a payload of at most {limit} bytes"), payload.to_string());
    }
    Ok(())
}

/// A package goes as it is into Package of Firmware Update or Software Management.
fn write_limit(path: Path, format: ContentFormat) -> usize {
    match (path.ids(), format) {
        ([5, _, 0] | [9, _, 2], ContentFormat::OPAQUE) => limits::PACKAGE_BYTES,
        _ => limits::PAYLOAD_BYTES,
    }
}

/// LwM2M 1.0 TS §6.1: what is written has the types and ranges of the definitions. Whether a Resource can be
/// written at all is for the client to say.
fn check_values(root: &str, operation: &Operation, model: &ClientModel<'_>) -> Check {
    let (path, format, payload) = match operation {
        Operation::Write { path, content_format, payload, .. }
        | Operation::Create { path, content_format, payload } => (*path, *content_format, payload),
        Operation::WriteComposite { content_format, payload } => (Path::ROOT, *content_format, payload),
        _ => return Ok(()),
    };
    let takes_away = matches!(format, ContentFormat::SENML_ETCH_JSON | ContentFormat::SENML_ETCH_CBOR);
    if takes_away || payload.is_empty() || payload.len() > limits::PAYLOAD_BYTES {
        return Ok(());
    }
    let read = |path: &Path| Decoder::new(format, path, model).root(root).relative_ids().decode(payload);
    let expected = "values that fit the definitions of the client's Objects";
    let records = match (read(&path), path.child(0)) {
        (Ok(records), _) => records,
        // The Resources of an Object Instance whose id the client picks.
        (Err(error), Some(instance)) if matches!(operation, Operation::Create { .. }) => {
            match read(&instance) {
                Ok(records) => records,
                Err(_) => return not_possible(expected, error.to_string()),
            }
        }
        (Err(error), _) => return not_possible(expected, error.to_string()),
    };
    for record in records {
        let ids = record.path.object_id().zip(record.path.resource_id());
        let definition = ids.and_then(|(object, resource)| model.resource(object, resource));
        let range = definition.and_then(ResourceDefinition::value_range);
        if let Some(range) = range.filter(|range| !range.allows(&record.value)) {
            return not_possible(format!("{range} for {}", record.path), "a value outside of it");
        }
    }
    Ok(())
}

/// LwM2M 1.0 TS §5.1.2: which attributes a node can have, and which values go together.
fn check_attributes(version: LwM2mVersion, operation: &Operation, lookup: &dyn Lookup) -> Check {
    match operation {
        Operation::WriteAttributes { path, attributes } => {
            if attributes.to_queries().is_empty() {
                return not_possible("attributes to set or unset", "none");
            }
            let target = AttributeTarget::new(path, lookup, version);
            match NotificationAttributes::default().apply(attributes, &target) {
                Ok(_) => Ok(()),
                Err(violations) => misplaced(attributes, &violations),
            }
        }
        Operation::Observe { path, parameters: Some(parameters), .. } => {
            let violations = parameters.violations(&AttributeTarget::new(path, lookup, version));
            misplaced(&WriteAttributes::setting(parameters), &violations)
        }
        // Core 1.2 §6.4.4: only what an Object can have.
        Operation::ObserveComposite { parameters: Some(parameters), .. } => {
            let target = AttributeTarget { level: Level::Object, shape: None, version };
            misplaced(&WriteAttributes::setting(parameters), &parameters.violations(&target))
        }
        _ => Ok(()),
    }
}

fn misplaced(attributes: &WriteAttributes, violations: &[Violation]) -> Check {
    if violations.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = violations.iter().map(ToString::to_string).collect();
    let got = format!("{}: {}", attributes.to_queries().join("&"), reasons.join("; "));
    not_possible("attributes that the target can have and that go together", got)
}

fn not_possible(expected: impl Into<String>, got: impl Into<String>) -> Check {
    Err(OperationError::NotPossible { expected: expected.into(), got: got.into() })
}
