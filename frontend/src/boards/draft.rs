use console_api::{Board, Tile};

use super::grid::{Place, arranged, first_free, reading_order};

/// A tile, and what stands for it as long as the page is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyedTile {
    pub(crate) key: u32,
    pub(crate) tile: Tile,
}

/// A board as it is kept, and as it is arranged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BoardDraft {
    pub(crate) kept: Board,
    pub(crate) name: String,
    pub(crate) span_ms: u64,
    pub(crate) tiles: Vec<KeyedTile>,
    given: u32,
}

impl BoardDraft {
    pub(crate) fn new(kept: Board) -> Self {
        let mut draft =
            Self { kept: Board::default(), name: String::new(), span_ms: 0, tiles: Vec::new(), given: 0 };
        draft.take(kept);
        draft
    }

    /// As it is kept by now. A tile that shows the same stays the same one, so that nothing of it is drawn anew.
    pub(crate) fn take(&mut self, kept: Board) {
        let mut before = std::mem::take(&mut self.tiles);
        for index in reading_order(&kept.tiles) {
            let tile = kept.tiles[index].clone();
            let same = |keyed: &KeyedTile| (keyed.tile.kind, &keyed.tile.series) == (tile.kind, &tile.series);
            match before.iter().position(same) {
                Some(at) => self.tiles.push(KeyedTile { key: before.remove(at).key, tile }),
                None => _ = self.keep(tile),
            }
        }
        self.name.clone_from(&kept.name);
        self.span_ms = kept.span_ms;
        self.kept = kept;
    }

    fn keep(&mut self, tile: Tile) -> u32 {
        self.given += 1;
        self.tiles.push(KeyedTile { key: self.given, tile });
        self.given
    }

    /// As it would be saved.
    pub(crate) fn board(&self) -> Board {
        let tiles = self.plain();
        let order = reading_order(&tiles);
        let tiles = order.into_iter().map(|index| tiles[index].clone()).collect();
        Board { name: self.name.trim().to_owned(), span_ms: self.span_ms, tiles, ..self.kept.clone() }
    }

    fn plain(&self) -> Vec<Tile> {
        self.tiles.iter().map(|keyed| keyed.tile.clone()).collect()
    }

    pub(crate) fn is_changed(&self) -> bool {
        let kept = Self::new(self.kept.clone());
        kept.board() != self.board()
    }

    pub(crate) fn tile(&self, key: u32) -> Option<&Tile> {
        self.tiles.iter().find(|keyed| keyed.key == key).map(|keyed| &keyed.tile)
    }

    /// Puts a tile elsewhere, and the others out of its way.
    pub(crate) fn arrange(&mut self, key: u32, to: Place) {
        if let Some(index) = self.tiles.iter().position(|keyed| keyed.key == key) {
            let arranged = arranged(&self.plain(), index, to);
            for (keyed, tile) in self.tiles.iter_mut().zip(arranged) {
                keyed.tile = tile;
            }
        }
    }

    /// Another tile, where there is room. None when there are as many as a board can have.
    pub(crate) fn add(&mut self, tile: Tile) -> Option<u32> {
        if self.tiles.len() >= Board::TILES {
            return None;
        }
        let place = first_free(&self.plain(), (tile.width, tile.height));
        Some(self.keep(Tile { x: place.x, y: place.y, ..tile }))
    }

    pub(crate) fn replace(&mut self, key: u32, tile: Tile) {
        if let Some(keyed) = self.tiles.iter_mut().find(|keyed| keyed.key == key) {
            keyed.tile = tile;
            let place = Place::of(&keyed.tile);
            self.arrange(key, place);
        }
    }

    pub(crate) fn remove(&mut self, key: u32) {
        self.tiles.retain(|keyed| keyed.key != key);
        // The others rise.
        if let Some(first) = self.tiles.first().map(|keyed| (keyed.key, Place::of(&keyed.tile))) {
            self.arrange(first.0, first.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use console_api::TileKind;

    use super::*;

    fn tile(x: u16, y: u16) -> Tile {
        Tile { kind: TileKind::Value, x, y, width: 2, height: 2, ..Tile::default() }
    }

    fn draft() -> BoardDraft {
        BoardDraft::new(Board {
            name: "Cellar".into(),
            tiles: vec![tile(0, 2), tile(0, 0)],
            ..Board::default()
        })
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let mut draft = draft();
        assert!(!draft.is_changed());
        draft.name = " Cellar ".into();
        assert!(!draft.is_changed(), "spaces around a name mean nothing");
        let first = draft.tiles[0].key;
        draft.arrange(first, Place { x: 4, y: 0, width: 2, height: 2 });
        assert!(draft.is_changed());
        // The one below has risen meanwhile.
        assert_eq!((draft.tiles[0].tile.x, draft.tiles[1].tile.y), (4, 0));
    }

    #[test]
    fn a_tile_that_shows_the_same_stays_the_same_one() {
        let mut draft = draft();
        let keys: Vec<u32> = draft.tiles.iter().map(|keyed| keyed.key).collect();
        let mut kept = draft.kept.clone();
        kept.tiles.push(Tile { kind: TileKind::Chart, ..tile(4, 0) });
        kept.tiles[0].title = Some("t".into());
        draft.take(Board { name: "New".into(), version: 2, ..kept });
        assert!(keys.iter().all(|key| draft.tile(*key).is_some()) && draft.tiles.len() == 3);
        assert_eq!((draft.name.as_str(), draft.is_changed()), ("New", false));
    }

    #[test]
    fn tiles_come_and_go() {
        let mut draft = draft();
        let key = draft.add(tile(9, 9)).unwrap();
        assert_eq!((draft.tile(key).unwrap().x, draft.tile(key).unwrap().y), (2, 0));
        draft.replace(key, Tile { title: Some("t".into()), ..draft.tile(key).unwrap().clone() });
        assert_eq!(draft.tile(key).unwrap().title.as_deref(), Some("t"));
        draft.remove(draft.tiles[0].key);
        assert_eq!(draft.tiles.iter().map(|keyed| keyed.tile.y).collect::<Vec<_>>(), [0, 0]);
        while draft.add(tile(0, 0)).is_some() {}
        assert_eq!(draft.tiles.len(), Board::TILES);
    }
}
