//! Attributes in queries and in links, and which of several levels wins.

use lwm2m_codec::{
    Lookup, Path,
    attributes::{
        AttachError, AttachedAttributes, Attribute, AttributeError, AttributeTarget, EffectiveAttributes,
        LinkAttributes, NotificationAttributes, Origin, ServerDefaults, WriteAttributes,
        parse_observe_parameters,
    },
    limits::PARAMETER_MAX,
    link::{self, Link},
    registration::LwM2mVersion,
};

use crate::{answers, request::Request};

const VERSIONS: [LwM2mVersion; 3] = [LwM2mVersion::V1_0, LwM2mVersion::V1_1, LwM2mVersion::V1_2];

const DEFAULTS: ServerDefaults = ServerDefaults { pmin: Some(5), pmax: Some(60), con: Some(false) };

/// The first byte says for what node, the second one for which version of LwM2M. Then come queries, one a line, and an
/// empty line between requests: the first two go to the node, each further one to the level above the one before. The
/// same text is read as links.
pub fn attributes(data: &[u8]) {
    let (request, rest) = Request::split(data);
    let Some((version, rest)) = rest.split_first() else { return };
    let version = VERSIONS[usize::from(*version) % VERSIONS.len()];
    for link in link::parse(rest).unwrap_or_default() {
        check_link(link);
    }
    let Ok(text) = str::from_utf8(rest) else { return };
    let writes: Vec<WriteAttributes> = text.split("\n\n").filter_map(check_queries).collect();
    check_levels(&request.path, &writes, request.lookup, version);
}

/// What queries say is written as queries that say the same.
fn check_queries(text: &str) -> Option<WriteAttributes> {
    let write = WriteAttributes::parse(text.lines());
    check_parameters(text, &write);
    let mut write = write.inspect_err(|error| answers::check_message(&error.to_string())).ok()?;
    assert_eq!(write.is_empty(), text.is_empty(), "{write:?}");
    // Understood, and never sent.
    write.cancel = false;
    let queries = write.to_queries();
    assert!(queries.iter().all(|query| query.len() <= PARAMETER_MAX), "too long for an option: {queries:?}");
    let again = WriteAttributes::parse(queries.iter().map(String::as_str));
    assert_eq!(again.as_ref(), Ok(&write), "in {queries:?}");
    Some(write)
}

/// An Observe brings what a Write-Attributes may say, but for taking away.
fn check_parameters(text: &str, write: &Result<WriteAttributes, AttributeError>) {
    let parameters = parse_observe_parameters(text.lines());
    if let Err(error) = &parameters {
        answers::check_message(&error.to_string());
    }
    let expected = write.as_ref().ok().filter(|write| !write.cancel);
    let expected = expected.filter(|write| write.iter().all(|(_, value)| value.is_some()));
    let got = parameters.ok().map(|parameters| WriteAttributes::setting(&parameters.unwrap_or_default()));
    assert_eq!(got.as_ref(), expected, "from {text:?}");
}

fn check_levels(path: &Path, writes: &[WriteAttributes], lookup: &dyn Lookup, version: LwM2mVersion) {
    let mut attached = AttachedAttributes::default();
    let above = std::iter::successors(path.parent(), Path::parent);
    for (level, write) in [*path, *path].into_iter().chain(above).zip(writes) {
        check_write(&mut attached, &level, write, lookup, version);
    }
    check_precedence(&attached, path);
    let effective = attached.resolve(path, &DEFAULTS);
    check_in_force(&effective);
    for write in writes {
        let brought = NotificationAttributes::default();
        let target = AttributeTarget::new(path, lookup, version);
        let brought = brought.apply(write, &target).unwrap_or_default();
        check_in_force(&EffectiveAttributes::of_parameters(&brought, &DEFAULTS));
        check_in_force(&effective.with_composite_parameters(&brought, &DEFAULTS));
    }
    attached.remove(path);
    assert!(attached.get(path).is_empty(), "still there: {attached:?}");
}

/// A write is performed as a whole, or changes nothing.
fn check_write(
    attached: &mut AttachedAttributes,
    path: &Path,
    write: &WriteAttributes,
    lookup: &dyn Lookup,
    version: LwM2mVersion,
) {
    let before = attached.clone();
    match attached.write(path, write, lookup, version) {
        Err(error) => {
            assert_eq!(*attached, before, "changed by a write that was refused: {error}");
            let AttachError::Invalid(violations) = error else { panic!("{error}") };
            assert!(!violations.is_empty(), "refused for no reason");
            violations.iter().for_each(|violation| answers::check_message(&violation.to_string()));
        }
        Ok(()) => {
            let (old, new) = (before.get(path), attached.get(path));
            for (attribute, value) in write.iter() {
                assert_eq!(new.get(attribute), value, "{attribute} after {write:?}");
            }
            assert_eq!(new.inconsistencies(), [], "{new:?}");
            let target = AttributeTarget::new(path, lookup, version);
            assert_eq!(old.apply(&WriteAttributes::between(&old, &new), &target), Ok(new), "from {old:?}");
        }
    }
}

/// The nearest level that says something about an attribute decides about it.
fn check_precedence(attached: &AttachedAttributes, path: &Path) {
    let in_force = attached.resolve(path, &ServerDefaults::default()).list();
    for attribute in Attribute::ALL {
        let levels = std::iter::successors(Some(*path), Path::parent);
        let mut levels = levels.filter_map(|level| Some((level, attached.get(&level).get(attribute)?)));
        let resolved = in_force.iter().find(|(resolved, _)| *resolved == attribute);
        let resolved = resolved.map(|(_, resolved)| (resolved.origin, resolved.value));
        let nearest = levels.next().map(|(level, value)| (Origin::Attached(level), value));
        assert_eq!(resolved, nearest, "{attribute} in {attached:?}");
    }
}

/// What is left in force goes together.
fn check_in_force(effective: &EffectiveAttributes) {
    let pmin = effective.pmin.map_or(0, |pmin| pmin.value);
    assert!(effective.pmax_in_force().is_none_or(|pmax| pmax > 0 && pmax >= pmin), "{effective:?}");
    let (gt, lt, st) = effective.thresholds_in_force();
    let epmax = effective.epmax_in_force();
    let epmin = epmax.and(effective.epmin).map(|epmin| epmin.value);
    let together = NotificationAttributes { gt, lt, st, epmin, epmax, ..NotificationAttributes::default() };
    assert_eq!(together.inconsistencies(), [], "{effective:?}");
    effective.ignored().iter().for_each(|ignored| answers::check_message(&ignored.to_string()));
}

/// What is understood of a link is written as a link of which the same is understood.
fn check_link(link: Link) {
    let (read, errors) = LinkAttributes::parse(&link.attributes);
    errors.iter().for_each(|error| answers::check_message(&error.to_string()));
    assert!(errors.len() <= link.attributes.len(), "{errors:?}");
    let written = link::write(&[Link { target: link.target, attributes: read.to_link() }]);
    let again = link::parse(written.as_bytes()).unwrap_or_else(|error| panic!("{error}\nin {written}"));
    let [again] = again.as_slice() else { panic!("{again:?}") };
    assert_eq!(LinkAttributes::parse(&again.attributes), (read, Vec::new()), "in {written}");
}
