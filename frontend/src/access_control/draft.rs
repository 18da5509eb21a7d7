use std::collections::{BTreeSet, VecDeque};

use lwm2m_model::access_control::AccessControlInstance;

use super::edit::Edit;
use super::limits::UNDO_STEPS;

/// The access control of a device while it is being edited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// As the device had it when the edits were begun.
    base: Vec<AccessControlInstance>,
    now: Vec<AccessControlInstance>,
    done: VecDeque<Step>,
    undone: Vec<Step>,
}

/// The instances that an edit has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    before: Vec<AccessControlInstance>,
    after: Vec<AccessControlInstance>,
}

impl Draft {
    pub(crate) fn new(base: Vec<AccessControlInstance>) -> Self {
        Self { now: base.clone(), base, ..Self::default() }
    }

    /// Edits that were begun earlier. What the device has no longer is left out, and what has come since is as it is.
    pub(crate) fn resumed(base: Vec<AccessControlInstance>, edited: &[AccessControlInstance]) -> Self {
        let mut draft = Self::new(base);
        draft.replace(edited);
        draft
    }

    pub(crate) fn base(&self) -> &[AccessControlInstance] {
        &self.base
    }

    pub(crate) fn now(&self) -> &[AccessControlInstance] {
        &self.now
    }

    pub(crate) fn before(&self, id: u16) -> Option<&AccessControlInstance> {
        self.base.iter().find(|guard| guard.id == id)
    }

    pub(crate) fn instance(&self, id: u16) -> Option<&AccessControlInstance> {
        self.now.iter().find(|guard| guard.id == id)
    }

    /// Edits what `ours`, the server that writes them, owns on the device. Whether anything has changed: then it is one
    /// step.
    pub(crate) fn edit(&mut self, ours: u16, servers: &BTreeSet<u16>, edits: &[Edit]) -> bool {
        let mut after = Vec::<AccessControlInstance>::new();
        for edit in edits {
            if self.before(edit.id()).is_none_or(|guard| guard.owner != ours) {
                continue;
            }
            match after.iter_mut().find(|guard| guard.id == edit.id()) {
                Some(guard) => edit.apply(guard, servers),
                None => {
                    let Some(mut guard) = self.instance(edit.id()).cloned() else { continue };
                    edit.apply(&mut guard, servers);
                    after.push(guard);
                }
            }
        }
        self.step(after)
    }

    /// Sets whole instances, as one step.
    pub(crate) fn replace(&mut self, wanted: &[AccessControlInstance]) -> bool {
        let same_target = |wanted: &&AccessControlInstance| {
            self.instance(wanted.id)
                .is_some_and(|guard| (guard.object, guard.instance) == (wanted.object, wanted.instance))
        };
        let after = wanted.iter().filter(same_target).cloned().collect();
        self.step(after)
    }

    /// Back to what the device has; that can be undone, too.
    pub(crate) fn discard(&mut self) -> bool {
        self.step(self.base.clone())
    }

    pub(crate) fn undo(&mut self) -> bool {
        let Some(step) = self.done.pop_back() else { return false };
        self.put(&step.before);
        self.undone.push(step);
        true
    }

    pub(crate) fn redo(&mut self) -> bool {
        let Some(step) = self.undone.pop() else { return false };
        self.put(&step.after);
        self.done.push_back(step);
        true
    }

    pub(crate) fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub(crate) fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Entries and owners that are not as the device has them.
    pub(crate) fn changes(&self) -> usize {
        let changed = self.now.iter().filter_map(|now| Some((self.before(now.id)?, now)));
        changed.map(|(before, now)| differences(before, now)).sum()
    }

    /// What is to be written: the instances that are not as the device has them.
    pub(crate) fn wanted(&self) -> Vec<AccessControlInstance> {
        self.now.iter().filter(|now| self.before(now.id) != Some(now)).cloned().collect()
    }

    /// The device has something else by now: edits of what it changed itself are `kept`, or give way to it.
    pub(crate) fn rebase(&mut self, base: Vec<AccessControlInstance>, kept: bool) {
        let wanted = self.wanted();
        let changed_there = |wanted: &&AccessControlInstance| {
            base.iter().find(|guard| guard.id == wanted.id) != self.before(wanted.id)
        };
        let edited: Vec<_> = wanted.iter().filter(|wanted| kept || !changed_there(wanted)).cloned().collect();
        *self = Self::resumed(base, &edited);
    }

    fn step(&mut self, after: Vec<AccessControlInstance>) -> bool {
        let after: Vec<_> = after
            .into_iter()
            .filter(|guard| self.instance(guard.id).is_some_and(|now| now != guard))
            .collect();
        if after.is_empty() {
            return false;
        }
        let before = after.iter().filter_map(|guard| self.instance(guard.id).cloned()).collect();
        self.put(&after);
        if self.done.len() == UNDO_STEPS {
            self.done.pop_front();
        }
        self.done.push_back(Step { before, after });
        self.undone.clear();
        true
    }

    fn put(&mut self, instances: &[AccessControlInstance]) {
        for guard in instances {
            if let Some(now) = self.now.iter_mut().find(|now| now.id == guard.id) {
                now.clone_from(guard);
            }
        }
    }
}

fn differences(before: &AccessControlInstance, now: &AccessControlInstance) -> usize {
    let servers: BTreeSet<u16> = before.acl.keys().chain(now.acl.keys()).copied().collect();
    let entries = servers.iter().filter(|server| before.acl.get(server) != now.acl.get(server)).count();
    entries + usize::from(before.owner != now.owner)
}

#[cfg(test)]
pub(super) fn guard(id: u16, owner: u16, acl: &[(u16, u16)]) -> AccessControlInstance {
    use lwm2m_model::access_control::AccessRights;
    let acl = acl.iter().map(|&(server, bits)| (server, AccessRights::from_bits(bits))).collect();
    AccessControlInstance { id, object: 3303, instance: id, owner, acl }
}

#[cfg(test)]
mod tests {
    use lwm2m_model::access_control::AccessRights;

    use super::*;
    use crate::access_control::{MAX_ID, Tile};

    const US: u16 = 101;
    const READ: Tile = Tile::Right(AccessRights::READ);
    const WRITE: Tile = Tile::Right(AccessRights::WRITE);

    fn servers() -> BTreeSet<u16> {
        [US, 102].into()
    }

    fn acl(draft: &Draft, id: u16) -> Vec<(u16, u16)> {
        let guard = draft.instance(id).unwrap();
        guard.acl.iter().map(|(server, rights)| (*server, rights.bits())).collect()
    }

    #[test]
    fn rights_are_ticked_and_unticked() {
        let mut draft = Draft::new(vec![guard(0, US, &[(102, 1)])]);
        let edit = |draft: &mut Draft, edit| draft.edit(US, &servers(), &[edit]);
        assert!(edit(&mut draft, Edit::Tick { id: 0, server: 102, tile: WRITE }));
        assert_eq!((acl(&draft, 0), draft.changes()), (vec![(102, 3)], 1));
        assert!(!edit(&mut draft, Edit::Tick { id: 0, server: 102, tile: WRITE }), "it is there already");
        assert!(edit(&mut draft, Edit::Untick { id: 0, server: 102, tile: WRITE }));
        assert_eq!(draft.changes(), 0);
        assert!(edit(&mut draft, Edit::Untick { id: 0, server: 102, tile: READ }));
        assert_eq!(acl(&draft, 0), [], "nothing else would give 102 a right");
    }

    /// LwM2M Core §8.2.2: an entry, even one without a right, counts instead of the default.
    #[test]
    fn an_entry_without_a_right_is_not_no_entry() {
        let mut draft = Draft::new(vec![guard(0, US, &[(0, 1), (102, 1)])]);
        let edit = |draft: &mut Draft, edit| draft.edit(US, &servers(), &[edit]);
        assert!(edit(&mut draft, Edit::Untick { id: 0, server: 102, tile: READ }));
        assert_eq!(acl(&draft, 0), [(0, 1), (102, 0)], "the default would give it back");
        assert!(edit(&mut draft, Edit::Clear { id: 0, server: 102 }));
        assert_eq!(acl(&draft, 0), [(0, 1)]);
        assert!(edit(&mut draft, Edit::Tick { id: 0, server: 102, tile: Tile::Entry }));
        assert_eq!(acl(&draft, 0), [(0, 1), (102, 0)]);
        // The owner has all rights without an entry.
        assert!(edit(&mut draft, Edit::Tick { id: 0, server: US, tile: READ }));
        assert!(edit(&mut draft, Edit::Untick { id: 0, server: US, tile: READ }));
        assert_eq!(acl(&draft, 0), [(0, 1), (US, 0), (102, 0)]);
    }

    #[test]
    fn what_has_no_meaning_or_belongs_to_another_stays() {
        let object = AccessControlInstance { instance: MAX_ID, ..guard(2, US, &[]) };
        let base = vec![guard(0, 102, &[]), guard(1, US, &[]), object];
        let mut draft = Draft::new(base.clone());
        let create = Tile::Right(AccessRights::CREATE);
        for edit in [
            Edit::Tick { id: 0, server: US, tile: READ },
            Edit::Tick { id: 1, server: US, tile: create },
            Edit::Tick { id: 2, server: 0, tile: create },
            Edit::Tick { id: 2, server: 0, tile: Tile::Entry },
            Edit::Tick { id: 2, server: US, tile: READ },
            Edit::Owner { id: 0, owner: US },
            Edit::Clear { id: 9, server: US },
        ] {
            assert!(!draft.edit(US, &servers(), &[edit]), "{edit:?}");
        }
        assert_eq!(draft.now(), base);
        assert!(draft.edit(US, &servers(), &[Edit::Tick { id: 2, server: 102, tile: create }]));
    }

    #[test]
    fn what_is_done_at_once_is_undone_at_once() {
        let base = vec![guard(0, US, &[(102, 1)]), guard(1, US, &[])];
        let mut draft = Draft::new(base.clone());
        let row = |tile| [0, 1].map(|id| Edit::Tick { id, server: 103, tile });
        assert!(draft.edit(US, &servers(), &row(READ)));
        assert!(draft.edit(US, &servers(), &row(WRITE)));
        let both = draft.now().to_vec();
        assert!(draft.undo() && draft.undo() && !draft.undo());
        assert_eq!(draft.now(), base);
        assert!(draft.redo() && draft.redo() && !draft.redo());
        assert_eq!(draft.now(), both);
        assert!(draft.discard() && draft.changes() == 0 && draft.undo());
        assert_eq!(draft.now(), both);
        assert!(draft.edit(US, &servers(), &[Edit::Owner { id: 1, owner: 102 }]));
        assert!(!draft.can_redo(), "what was undone before another edit is gone");
    }

    #[test]
    fn only_so_many_steps_are_kept() {
        let mut draft = Draft::new(vec![guard(0, US, &[])]);
        for step in 0..UNDO_STEPS + 10 {
            let owner = u16::try_from(step).unwrap() + 200;
            assert!(draft.edit(US, &servers(), &[Edit::Owner { id: 0, owner }]));
        }
        let mut undone = 0;
        while draft.undo() {
            undone += 1;
        }
        assert_eq!(undone, UNDO_STEPS);
    }

    #[test]
    fn what_changed_on_the_device_gives_way_or_is_given_way_to() {
        let base = vec![guard(0, US, &[(102, 1)]), guard(1, US, &[])];
        let mut draft = Draft::new(base);
        let both = [0, 1].map(|id| Edit::Tick { id, server: 103, tile: READ });
        draft.edit(US, &servers(), &both);
        let there = vec![guard(0, US, &[(102, 5)]), guard(1, US, &[])];
        let mut theirs = draft.clone();
        theirs.rebase(there.clone(), false);
        assert_eq!((acl(&theirs, 0), acl(&theirs, 1)), (vec![(102, 5)], vec![(103, 1)]));
        draft.rebase(there.clone(), true);
        assert_eq!((acl(&draft, 0), draft.base()), (vec![(102, 1), (103, 1)], &there[..]));
        // An instance that is gone, and one that guards something else by now.
        let moved = AccessControlInstance { object: 3304, ..guard(0, US, &[]) };
        draft.rebase(vec![moved.clone()], true);
        assert_eq!(draft.now(), [moved]);
    }
}
