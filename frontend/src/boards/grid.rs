//! Where tiles lie, and how the others make room for one that is moved or resized: they give way downwards and rise again
//! as far as they can.

use console_api::{Board, Tile, TileKind};

/// Where a tile lies, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl Place {
    pub(crate) const fn of(tile: &Tile) -> Self {
        Self { x: tile.x, y: tile.y, width: tile.width, height: tile.height }
    }

    fn put(self, tile: &mut Tile) {
        (tile.x, tile.y, tile.width, tile.height) = (self.x, self.y, self.width, self.height);
    }

    /// The nearest place on the board, not smaller than `least`.
    pub(crate) fn within(self, least: (u16, u16)) -> Self {
        let width = self.width.clamp(least.0, Board::COLUMNS);
        let height = self.height.clamp(least.1, TALLEST);
        let y = self.y.min(Board::ROWS - height);
        Self { x: self.x.min(Board::COLUMNS - width), y, width, height }
    }
}

/// A tile is not taller: so that all that a board can have lie on it.
const TALLEST: u16 = 10;

/// Below this nothing can be read: columns and rows.
pub(crate) const fn least(kind: TileKind) -> (u16, u16) {
    match kind {
        TileKind::Chart => (3, 2),
        TileKind::Value => (2, 1),
    }
}

/// The tiles with one of them at another place.
pub(crate) fn arranged(tiles: &[Tile], moved: usize, to: Place) -> Vec<Tile> {
    let mut tiles = tiles.to_vec();
    if let Some(tile) = tiles.get_mut(moved) {
        to.within(least(tile.kind)).put(tile);
    }
    // Where two begin alike, the one that is moved goes before.
    let mut order: Vec<usize> = (0..tiles.len()).collect();
    order.sort_by_key(|index| (tiles[*index].y, *index != moved, tiles[*index].x));
    for (number, index) in order.iter().enumerate() {
        let laid = order[..number].iter().map(|other| &tiles[*other]);
        tiles[*index].y = settled(laid, &tiles[*index]);
    }
    tiles
}

/// The row of a tile that goes up as far as nothing is in the way, or else down until nothing is.
fn settled<'a>(laid: impl Iterator<Item = &'a Tile> + Clone, tile: &Tile) -> u16 {
    let Place { x, mut y, width, height } = Place::of(tile);
    let free = |y: u16| {
        let there = Tile { x, y, width, height, ..Tile::default() };
        laid.clone().all(|other| !other.overlaps(&there))
    };
    while !free(y) {
        y += 1;
    }
    while y > 0 && free(y - 1) {
        y -= 1;
    }
    y
}

/// The first place in reading order where there is room.
pub(crate) fn first_free(tiles: &[Tile], (width, height): (u16, u16)) -> Place {
    let below = rows(tiles);
    let rows = 0..=below;
    let places = rows.flat_map(|y| (0..=Board::COLUMNS - width).map(move |x| Place { x, y, width, height }));
    let free = |place: &Place| {
        let mut there = Tile::default();
        place.put(&mut there);
        tiles.iter().all(|tile| !tile.overlaps(&there))
    };
    places.into_iter().find(free).unwrap_or(Place { x: 0, y: below, width, height })
}

/// How many rows there are.
pub(crate) fn rows(tiles: &[Tile]) -> u16 {
    tiles.iter().map(|tile| tile.y + tile.height).max().unwrap_or_default()
}

/// Row by row, each from the left: as one reads them, and as they stand in one column.
pub(crate) fn reading_order(tiles: &[Tile]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tiles.len()).collect();
    order.sort_by_key(|index| (tiles[*index].y, tiles[*index].x));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tile((x, y, width, height): (u16, u16, u16, u16)) -> Tile {
        Tile { kind: TileKind::Value, x, y, width, height, ..Tile::default() }
    }

    fn places(tiles: &[Tile]) -> Vec<(u16, u16)> {
        tiles.iter().map(|tile| (tile.x, tile.y)).collect()
    }

    fn to(x: u16, y: u16, width: u16, height: u16) -> Place {
        Place { x, y, width, height }
    }

    #[test]
    fn others_make_room_and_come_back() {
        let tiles = [tile((0, 0, 4, 2)), tile((4, 0, 4, 2)), tile((0, 2, 12, 3))];
        let moved = arranged(&tiles, 0, to(4, 0, 4, 2));
        assert_eq!(places(&moved), [(4, 0), (4, 2), (0, 4)]);
        assert_eq!(arranged(&tiles, 0, to(0, 0, 4, 2)), tiles);
        let taller = arranged(&tiles, 1, to(4, 0, 4, 5));
        assert_eq!(places(&taller), [(0, 0), (4, 0), (0, 5)]);
        assert_eq!(arranged(&tiles, 9, to(0, 0, 1, 1)), tiles, "there is no such tile");
    }

    #[test]
    fn nothing_floats_and_nothing_leaves_the_board() {
        let tiles = [tile((0, 0, 2, 1)), tile((4, 7, 2, 1))];
        assert_eq!(places(&arranged(&tiles, 0, to(60, 9, 2, 1))), [(10, 0), (4, 0)]);
        let wide = arranged(&tiles, 0, to(0, 0, 90, 90));
        assert_eq!((wide[0].width, wide[0].height), (12, TALLEST));
        assert_eq!((to(0, 0, 0, 0).within(least(TileKind::Chart))), to(0, 0, 3, 2));
    }

    #[test]
    fn a_new_tile_takes_the_first_gap_or_the_end() {
        let tiles = [tile((0, 0, 6, 2)), tile((8, 0, 4, 2)), tile((0, 2, 10, 2))];
        assert_eq!(first_free(&tiles, (2, 1)), to(6, 0, 2, 1));
        assert_eq!(first_free(&tiles, (4, 2)), to(0, 4, 4, 2));
        assert_eq!((first_free(&[], (12, 4)), rows(&tiles)), (to(0, 0, 12, 4), 4));
        assert_eq!(reading_order(&[tile((6, 1, 2, 1)), tile((8, 0, 2, 1)), tile((0, 1, 2, 1))]), [1, 2, 0]);
    }

    proptest! {
        #[test]
        fn tiles_never_overlap(
            sizes in proptest::collection::vec((2u16..=12, 1u16..=10), 1..Board::TILES),
            moves in proptest::collection::vec((0usize..64, 0u16..20, 0u16..600, 0u16..20, 0u16..20), 0..12),
        ) {
            let mut tiles: Vec<Tile> = Vec::new();
            for size in sizes {
                let place = first_free(&tiles, size);
                tiles.push(tile((place.x, place.y, place.width, place.height)));
            }
            for (index, x, y, width, height) in moves {
                tiles = arranged(&tiles, index % tiles.len(), to(x, y, width, height));
            }
            for (index, one) in tiles.iter().enumerate() {
                prop_assert!(one.x + one.width <= Board::COLUMNS && one.y + one.height <= Board::ROWS);
                prop_assert!(tiles[index + 1..].iter().all(|other| !one.overlaps(other)));
            }
        }
    }
}
