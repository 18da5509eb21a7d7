use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use coap::Usage;
use console_api::{Board, BoardList, BoardSummary};
use store::Store;

use super::limits;
use crate::documents::Kept;

/// By id.
pub(super) const BOARD: &str = "board";

/// There is one: the highest id that a board ever had.
pub(super) const LAST: &str = "last_board";
pub(super) const OF_ALL: &str = "";

/// What is stored, in memory.
pub(crate) struct Opened {
    pub(super) listed: Listed,
    pub(super) last: u64,
}

/// All boards without their tiles, by id.
#[derive(Default)]
pub(super) struct Listed {
    boards: BTreeMap<u64, BoardSummary>,
    refused: u64,
}

pub(crate) fn open(store: &dyn Store) -> Result<Opened> {
    let mut listed = Listed::default();
    for document in store.documents(BOARD, "")? {
        let key = document.key.clone();
        let kept = Kept::<Board>::read(document).with_context(|| format!("board {key} cannot be read"))?;
        listed.put(&as_kept(kept));
    }
    let last = store.documents(LAST, OF_ALL)?.into_iter().next().map(Kept::<u64>::read).transpose()?;
    Ok(Opened { listed, last: last.map_or(0, |kept| kept.content) })
}

pub(super) fn as_kept(kept: Kept<Board>) -> Board {
    let Kept { version, saved_at_ms, author, content, .. } = kept;
    Board { version, saved_at_ms, author, ..content }
}

impl Listed {
    pub(super) fn put(&mut self, board: &Board) {
        self.boards.insert(board.id, summary(board));
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.boards.remove(&id);
    }

    /// Whether there is room for a further one; where there is none, it is counted as refused.
    pub(super) fn has_room(&mut self) -> bool {
        let has_room = self.boards.len() < limits::BOARDS;
        self.refused += u64::from(!has_room);
        has_room
    }

    pub(super) fn usage(&self) -> Usage {
        Usage { used: self.boards.len(), limit: limits::BOARDS, reached: self.refused }
    }

    /// By name.
    pub(super) fn list(&self) -> BoardList {
        let mut boards: Vec<_> = self.boards.values().cloned().collect();
        boards.sort_by(|a, b| a.name.cmp(&b.name));
        BoardList { boards }
    }
}

fn summary(board: &Board) -> BoardSummary {
    let endpoints = board.tiles.iter().flat_map(|tile| &tile.series).map(|series| series.endpoint.as_str());
    BoardSummary {
        id: board.id,
        name: board.name.clone(),
        version: board.version,
        saved_at_ms: board.saved_at_ms,
        author: board.author.clone(),
        tiles: board.tiles.len(),
        devices: endpoints.collect::<BTreeSet<_>>().len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_board_than_fit_is_refused_and_counted() {
        let mut listed = Listed::default();
        for id in 0..limits::BOARDS as u64 {
            assert!(listed.has_room());
            listed.put(&Board { id, name: format!("{}", u64::MAX - id), ..Board::default() });
        }
        assert!(!listed.has_room());
        let Usage { used, limit, reached } = listed.usage();
        assert_eq!((used, limit, reached), (limits::BOARDS, limits::BOARDS, 1));
        assert!(listed.list().boards.is_sorted_by_key(|board| board.name.clone()));
        listed.remove(7);
        assert!(listed.has_room());
    }
}
