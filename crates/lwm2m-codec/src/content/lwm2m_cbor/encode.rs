use alloc::vec::Vec;

use crate::content::cbor::{CborWriter, TimeTag};
use crate::content::encoder;
use crate::content::record::Record;
use crate::content_format::ContentFormat;
use crate::error::EncodeError;
use crate::path::Path;

/// Ids are always those from the object down. Ids that all records of an object have in common are one key of
/// several ids, as in the examples of the standard; below it every map has single ids.
pub(crate) fn encode(path: &Path, records: &[Record]) -> Result<Vec<u8>, EncodeError> {
    let format = ContentFormat::LWM2M_CBOR;
    let records = encoder::sorted(format, path, records)?;
    if records.is_empty() {
        return Err(EncodeError::EmptyNotCarried { format, path: *path });
    }
    let mut out = CborWriter::default();
    let groups = || records.chunk_by(|a, b| together(path, &a.path, &b.path));
    out.map(groups().count());
    for group in groups() {
        let common = common_ids(group);
        if let [id] =
            group.first().map_or(&[][..], |first| first.path.ids().get(..common).unwrap_or_default())
        {
            out.unsigned(u64::from(*id));
        } else {
            out.array(common);
            let ids = group.first().map_or(&[][..], |first| first.path.ids());
            ids.iter().take(common).for_each(|id| out.unsigned(u64::from(*id)));
        }
        below(&mut out, group, common)?;
    }
    Ok(out.finish())
}

/// Whether two records share a key: below the root, those of one object instance do.
fn together(request: &Path, a: &Path, b: &Path) -> bool {
    let depth = request.ids().len().max(2);
    if request.ids().is_empty() { a.ids().iter().take(depth).eq(b.ids().iter().take(depth)) } else { true }
}

/// How many ids all records of a group begin with.
fn common_ids(group: &[&Record]) -> usize {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return 0 };
    // The records are sorted, so what the first and the last have in common all have.
    first.path.ids().iter().zip(last.path.ids()).take_while(|(a, b)| a == b).count()
}

/// Writes what is below the first `depth` ids of a group: a value, or a map of the next ids.
fn below(out: &mut CborWriter, group: &[&Record], depth: usize) -> Result<(), EncodeError> {
    if let [record] = group
        && record.path.ids().len() == depth
    {
        return out.value(&record.path, &record.value, TimeTag::Never);
    }
    let id = |record: &Record| record.path.ids().get(depth).copied();
    let children = || group.chunk_by(|a, b| id(a) == id(b));
    out.map(children().count());
    for child in children() {
        let key = child.first().and_then(|record| id(record)).unwrap_or_default();
        out.unsigned(u64::from(key));
        below(out, child, depth + 1)?;
    }
    Ok(())
}
