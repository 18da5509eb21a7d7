use std::collections::{BTreeMap, BTreeSet};

use lwm2m_codec::{ContentFormat, EncodeError, Path, Record, Value, encode};
use lwm2m_model::access_control::{
    AccessControlChange, AccessControlInstance, AccessControlPlan, AccessControlWrite, AccessRights,
};

use super::{Mark, Tile};

/// A Write that the plan leads to, as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) path: String,
    pub(crate) format: String,
    pub(crate) payload: Vec<u8>,
    /// The list as it is written, and what is no longer in it.
    pub(crate) entries: Vec<Entry>,
    /// Before and after.
    pub(crate) owner: Option<(u16, u16)>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) server: u16,
    /// Of the whole entry.
    pub(crate) mark: Mark,
    /// Its letters, each with what became of it.
    pub(crate) rights: Vec<(&'static str, Mark)>,
}

/// The Writes of a plan, in their order. `format`: what the device takes for a list.
pub(crate) fn writes(
    plan: &AccessControlPlan,
    base: &[AccessControlInstance],
    format: ContentFormat,
) -> Vec<Write> {
    plan.writes.iter().filter_map(|write| told(write, base, format).ok()).collect()
}

fn told(
    write: &AccessControlWrite,
    base: &[AccessControlInstance],
    of_several: ContentFormat,
) -> Result<Write, EncodeError> {
    let path = write.path();
    let number = |number: u16| Value::Integer(number.into());
    let before = base.iter().find(|guard| guard.id == write.id);
    let acl_before = before.map(|guard| guard.acl.clone()).unwrap_or_default();
    let (format, records, entries, owner) = match &write.change {
        AccessControlChange::Entry { server, rights } => {
            let records = vec![Record::new(path, number(rights.bits()))];
            let entry = entry(*server, acl_before.get(server).copied(), Some(*rights));
            (ContentFormat::TEXT, records, vec![entry], None)
        }
        AccessControlChange::Owner(owner) => {
            let records = vec![Record::new(path, number(*owner))];
            let before = before.map(|guard| guard.owner).unwrap_or_default();
            (ContentFormat::TEXT, records, Vec::new(), Some((before, *owner)))
        }
        AccessControlChange::Acl(acl) => {
            let record = |(server, rights): (&u16, &AccessRights)| {
                Record::new(Path::resource_instance(2, write.id, 2, *server), number(rights.bits()))
            };
            (of_several, acl.iter().map(record).collect(), list(&acl_before, acl), None)
        }
    };
    let payload = encode(format, &path, &records)?;
    Ok(Write { path: path.to_string(), format: named(format), payload, entries, owner })
}

/// `TLV`
pub(crate) fn named(format: ContentFormat) -> String {
    format.name().map_or_else(|| format.to_string(), str::to_owned)
}

fn list(before: &BTreeMap<u16, AccessRights>, after: &BTreeMap<u16, AccessRights>) -> Vec<Entry> {
    let servers: BTreeSet<u16> = before.keys().chain(after.keys()).copied().collect();
    let told = |server: u16| entry(server, before.get(&server).copied(), after.get(&server).copied());
    servers.into_iter().map(told).collect()
}

fn entry(server: u16, before: Option<AccessRights>, after: Option<AccessRights>) -> Entry {
    let mark = |had: bool, has: bool| match (had, has) {
        (false, false) => Mark::Off,
        (true, true) => Mark::On,
        (false, true) => Mark::Added,
        (true, false) => Mark::Removed,
    };
    let letter = |tile: Tile| {
        let Tile::Right(right) = tile else { return None };
        let has = |rights: Option<AccessRights>| rights.is_some_and(|rights| rights.contains(right));
        Some((tile.letter(), mark(has(before), has(after)))).filter(|(_, mark)| *mark != Mark::Off)
    };
    let rights = Tile::RIGHTS.into_iter().filter_map(letter).collect();
    Entry { server, mark: mark(before.is_some(), after.is_some()), rights }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_control::draft::guard;

    const US: u16 = 101;

    fn told(
        before: AccessControlInstance,
        after: AccessControlInstance,
        resource_instances: bool,
    ) -> Vec<Write> {
        let base = [before];
        let plan = AccessControlPlan::new(US, &base, &[after], resource_instances);
        writes(&plan, &base, ContentFormat::TLV)
    }

    fn text(write: &Write) -> String {
        let entry = |entry: &Entry| {
            let letter = |(letter, mark): &(&str, Mark)| match mark {
                Mark::Added => format!("+{letter}"),
                Mark::Removed => format!("-{letter}"),
                _ => (*letter).to_owned(),
            };
            let rights: String = entry.rights.iter().map(letter).collect();
            format!("{:?} {}: {rights}", entry.mark, entry.server)
        };
        write.entries.iter().map(entry).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_list_is_told_with_what_changes_in_it() {
        let told = told(
            guard(4, US, &[(US, 7), (102, 1), (103, 1)]),
            guard(4, US, &[(US, 7), (102, 4), (0, 1)]),
            true,
        );
        assert_eq!((told[0].path.as_str(), told[0].format.contains("TLV")), ("/2/4/2", true));
        assert_eq!(text(&told[0]), "Added 0: +R, On 101: RWE, On 102: -R+E, Removed 103: -R");
        assert_eq!(told[0].payload[..2], [0x88, 0x02]);
    }

    #[test]
    fn one_entry_and_an_owner_are_text() {
        let told = told(guard(6, US, &[]), guard(6, 102, &[(0, 1)]), true);
        let paths: Vec<_> =
            told.iter().map(|write| (write.path.as_str(), write.payload.as_slice())).collect();
        assert_eq!(paths, [("/2/6/2/0", &b"1"[..]), ("/2/6/3", &b"102"[..])]);
        assert_eq!(told[1].owner, Some((US, 102)));
        assert_eq!(text(&told[0]), "Added 0: +R");
    }
}
