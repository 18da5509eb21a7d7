use std::collections::BTreeSet;

use lwm2m_model::access_control::{AccessControlInstance, AccessRights};

use super::edit::{has_entries, inherited, is_offered};
use super::{Draft, MAX_ID, Tile};

/// A row: one instance of Object 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: u16,
    pub(crate) object: u16,
    /// 65535 for the Object itself.
    pub(crate) instance: u16,
    pub(crate) owner: u16,
    pub(crate) owner_before: u16,
    /// Why this server cannot change it.
    pub(crate) lock: Option<Lock>,
    /// In the order of the columns.
    pub(crate) cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    Bootstrap,
    OwnedBy(u16),
    /// Which of the servers this one is, is not known.
    UnknownServer,
}

/// What a server has on what the row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) server: u16,
    pub(crate) before: Option<AccessRights>,
    pub(crate) now: Option<AccessRights>,
    /// What it would have without an entry.
    pub(crate) inherited: AccessRights,
    pub(crate) tiles: Vec<Tile>,
}

/// How a tile looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Off,
    On,
    Added,
    Removed,
}

/// The row of an instance; none where the device does not have it.
pub(crate) fn row(
    draft: &Draft,
    id: u16,
    ours: Option<u16>,
    columns: &[u16],
    servers: &BTreeSet<u16>,
) -> Option<Row> {
    let (before, now) = (draft.before(id)?, draft.instance(id)?);
    let cell = |&server: &u16| Cell {
        server,
        before: before.acl.get(&server).copied(),
        now: now.acl.get(&server).copied(),
        inherited: inherited(now, server, servers),
        tiles: tiles(before, now, server),
    };
    Some(Row {
        id,
        object: now.object,
        instance: now.instance,
        owner: now.owner,
        owner_before: before.owner,
        lock: lock(before.owner, ours),
        cells: columns.iter().map(cell).collect(),
    })
}

/// Instances in the order of what they guard, those about Objects last.
pub(crate) fn row_order(instances: &[AccessControlInstance]) -> Vec<u16> {
    let mut order: Vec<_> = instances
        .iter()
        .map(|guard| (guard.instance == MAX_ID, guard.object, guard.instance, guard.id))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(.., id)| id).collect()
}

const fn lock(owner: u16, ours: Option<u16>) -> Option<Lock> {
    match ours {
        _ if owner == MAX_ID => Some(Lock::Bootstrap),
        None => Some(Lock::UnknownServer),
        Some(ours) if ours == owner => None,
        Some(_) => Some(Lock::OwnedBy(owner)),
    }
}

/// What means something there, and what is there without a meaning, so that it can be taken away.
fn tiles(before: &AccessControlInstance, now: &AccessControlInstance, server: u16) -> Vec<Tile> {
    let is_there = |tile: &Tile| {
        let Tile::Right(right) = *tile else { return false };
        let has = |guard: &AccessControlInstance| {
            guard.acl.get(&server).is_some_and(|rights| rights.contains(right))
        };
        is_offered(now, server, right) || has(before) || has(now)
    };
    let entry = has_entries(now, server) || now.acl.contains_key(&server);
    let entry = entry.then_some(Tile::Entry);
    entry.into_iter().chain(Tile::RIGHTS.into_iter().filter(is_there)).collect()
}

impl Cell {
    pub(crate) fn has(&self, tile: Tile) -> bool {
        is_in(self.now, tile)
    }

    pub(crate) fn mark(&self, tile: Tile) -> Mark {
        match (is_in(self.before, tile), is_in(self.now, tile)) {
            (false, false) => Mark::Off,
            (true, true) => Mark::On,
            (false, true) => Mark::Added,
            (true, false) => Mark::Removed,
        }
    }

    /// Granted by the default or by ownership, and not by an entry.
    pub(crate) fn is_inherited(&self, tile: Tile) -> bool {
        matches!(tile, Tile::Right(right) if self.now.is_none() && self.inherited.contains(right))
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.before != self.now
    }
}

fn is_in(entry: Option<AccessRights>, tile: Tile) -> bool {
    match tile {
        Tile::Entry => entry.is_some(),
        Tile::Right(right) => entry.is_some_and(|rights| rights.contains(right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_control::Edit;
    use crate::access_control::draft::guard;

    const US: u16 = 101;

    fn letters(cell: &Cell) -> String {
        cell.tiles.iter().map(|tile| tile.letter()).collect()
    }

    #[test]
    fn a_cell_offers_what_means_something() {
        let object = AccessControlInstance { instance: MAX_ID, ..guard(1, MAX_ID, &[(US, 16)]) };
        let draft = Draft::new(vec![guard(0, US, &[(102, 17)]), object]);
        let servers = [US, 102].into();
        let columns = [0, US, 102];
        let row = |id| row(&draft, id, Some(US), &columns, &servers).unwrap();
        let instance: Vec<_> = row(0).cells.iter().map(letters).collect();
        assert_eq!(instance, ["0RWED", "0RWED", "0RWEDC"], "what is there without a meaning can go");
        let object: Vec<_> = row(1).cells.iter().map(letters).collect();
        assert_eq!(object, ["", "0C", "0C"]);
        assert_eq!((row(0).lock, row(1).lock), (None, Some(Lock::Bootstrap)));
    }

    #[test]
    fn changes_look_changed_and_inherited_rights_are_seen() {
        let mut draft = Draft::new(vec![guard(0, US, &[(0, 1), (102, 1)]), guard(1, 102, &[])]);
        let servers: BTreeSet<u16> = [US, 102].into();
        let [read, write, ..] = Tile::RIGHTS;
        draft.edit(US, &servers, &[Edit::Tick { id: 0, server: 102, tile: write }]);
        draft.edit(US, &servers, &[Edit::Untick { id: 0, server: 102, tile: read }]);
        let changed = row(&draft, 0, Some(US), &[0, US, 102, 103], &servers).unwrap();
        let [default, ours, theirs, other] = &changed.cells[..] else { panic!("four columns") };
        assert_eq!((default.mark(read), ours.mark(read)), (Mark::On, Mark::Off));
        assert_eq!((theirs.mark(read), theirs.mark(write)), (Mark::Removed, Mark::Added));
        assert!(theirs.is_changed() && !default.is_changed());
        assert!(ours.is_inherited(write), "the owner has all rights");
        assert!(other.is_inherited(read) && !other.is_inherited(write), "the default");
        assert!(!theirs.is_inherited(read), "an entry counts instead of the default");
        let of = |id, ours| row(&draft, id, ours, &[0], &servers).unwrap().lock;
        assert_eq!((of(1, Some(US)), of(1, None)), (Some(Lock::OwnedBy(102)), Some(Lock::UnknownServer)));
    }

    #[test]
    fn rows_are_in_the_order_of_what_they_guard() {
        let instances = [
            AccessControlInstance { instance: MAX_ID, object: 1, ..guard(0, MAX_ID, &[]) },
            AccessControlInstance { instance: 1, object: 3303, ..guard(1, US, &[]) },
            AccessControlInstance { instance: 0, object: 3303, ..guard(2, US, &[]) },
            AccessControlInstance { instance: 0, object: 3, ..guard(3, US, &[]) },
        ];
        assert_eq!(row_order(&instances), [3, 2, 1, 0]);
    }
}
