use std::collections::BTreeSet;

use lwm2m_model::access_control::AccessControlInstance;

use super::MAX_ID;

/// The servers of the matrix: the default, this server, and all others that the device or the lists name, or that an
/// operator has `added`.
pub(crate) fn columns<'a>(
    ours: Option<u16>,
    named: impl Iterator<Item = u16>,
    instances: impl Iterator<Item = &'a AccessControlInstance>,
    added: &BTreeSet<u16>,
) -> Vec<u16> {
    let mut others: BTreeSet<u16> = named.chain(added.iter().copied()).collect();
    for guard in instances {
        others.extend(guard.acl.keys().copied().chain([guard.owner]));
    }
    let is_other = |server: &u16| *server != 0 && *server != MAX_ID && Some(*server) != ours;
    [0].into_iter().chain(ours).chain(others.into_iter().filter(is_other)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_control::draft::guard;

    #[test]
    fn the_default_and_this_server_come_first() {
        let instances = [guard(0, 105, &[(0, 1), (103, 1)]), guard(1, MAX_ID, &[])];
        let added = [7].into();
        assert_eq!(
            columns(Some(104), [104, 101].into_iter(), instances.iter(), &added),
            [0, 104, 7, 101, 103, 105]
        );
        assert_eq!(columns(None, [].into_iter(), [].iter(), &BTreeSet::new()), [0]);
    }
}
