use super::{Row, Spot, Tile};

/// The places that the arrow keys go to: a line of column heads, and a line for each row.
pub(crate) struct Grid<'a> {
    columns: &'a [u16],
    rows: &'a [Row],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Left,
    Right,
    Up,
    Down,
    LineStart,
    LineEnd,
    Start,
    End,
}

impl Move {
    pub(crate) fn from_key(key: &str, control: bool) -> Option<Self> {
        Some(match (key, control) {
            ("ArrowLeft", false) => Self::Left,
            ("ArrowRight", false) => Self::Right,
            ("ArrowUp", false) => Self::Up,
            ("ArrowDown", false) => Self::Down,
            ("Home", false) => Self::LineStart,
            ("End", false) => Self::LineEnd,
            ("Home", true) => Self::Start,
            ("End", true) => Self::End,
            _ => return None,
        })
    }
}

impl<'a> Grid<'a> {
    pub(crate) const fn new(columns: &'a [u16], rows: &'a [Row]) -> Self {
        Self { columns, rows }
    }

    /// Where a key leads; nowhere at the edge.
    pub(crate) fn step(&self, from: Spot, to: Move) -> Option<Spot> {
        let line = self.line_of(from)?;
        let places = self.line(line);
        let at = places.iter().position(|place| *place == from).or_else(|| nearest(&places, from))?;
        match to {
            Move::Left => places.get(at.checked_sub(1)?).copied(),
            Move::Right => places.get(at + 1).copied(),
            Move::LineStart => places.first().copied(),
            Move::LineEnd => places.last().copied(),
            Move::Start => self.line(0).first().copied(),
            Move::End => self.line(self.rows.len()).last().copied(),
            Move::Up => self.across(line.checked_sub(1)?, from),
            Move::Down => self.across(line + 1, from),
        }
    }

    /// 0 is the line of heads.
    fn line_of(&self, spot: Spot) -> Option<usize> {
        let id = match spot {
            Spot::Column(_) => return Some(0),
            Spot::Row(id) | Spot::Owner(id) | Spot::Cell { id, .. } | Spot::Tile { id, .. } => id,
            Spot::Palette(_) | Spot::Nowhere => return None,
        };
        self.rows.iter().position(|row| row.id == id).map(|at| at + 1)
    }

    fn line(&self, line: usize) -> Vec<Spot> {
        let Some(at) = line.checked_sub(1) else {
            return self.columns.iter().map(|server| Spot::Column(*server)).collect();
        };
        let Some(row) = self.rows.get(at) else { return Vec::new() };
        let tiles = row.cells.iter().flat_map(|cell| {
            cell.tiles.iter().map(|tile| Spot::Tile { id: row.id, server: cell.server, tile: *tile })
        });
        let owner = row.lock.is_none().then_some(Spot::Owner(row.id));
        [Spot::Row(row.id)].into_iter().chain(owner).chain(tiles).collect()
    }

    /// The same place in another line, or the one that is most like it.
    fn across(&self, line: usize, from: Spot) -> Option<Spot> {
        let places = self.line(line);
        places.get(nearest(&places, from)?).copied()
    }
}

/// Lines differ: a row about an Object has other tiles, and the line of heads has none.
fn nearest(places: &[Spot], from: Spot) -> Option<usize> {
    let unlike = |place: &Spot| match (server_of(*place), server_of(from)) {
        (Some(one), Some(other)) if one == other => unlike_tiles(tile_of(*place), tile_of(from)),
        (Some(_), Some(_)) => 1_000,
        (None, None) if std::mem::discriminant(place) == std::mem::discriminant(&from) => 0,
        (None, None) => 1,
        _ => 2_000,
    };
    places.iter().enumerate().min_by_key(|(_, place)| unlike(place)).map(|(at, _)| at)
}

/// The entry is like no right.
const fn unlike_tiles(one: u16, other: u16) -> u16 {
    if (one == 0) == (other == 0) { one.abs_diff(other) } else { 100 }
}

const fn server_of(spot: Spot) -> Option<u16> {
    match spot {
        Spot::Column(server) | Spot::Cell { server, .. } | Spot::Tile { server, .. } => Some(server),
        Spot::Palette(_) | Spot::Row(_) | Spot::Owner(_) | Spot::Nowhere => None,
    }
}

fn tile_of(spot: Spot) -> u16 {
    match spot {
        Spot::Tile { tile, .. } => tile.number(),
        _ => Tile::RIGHTS[0].number(),
    }
}

#[cfg(test)]
mod tests {
    use lwm2m_model::access_control::AccessControlInstance;

    use super::*;
    use crate::access_control::draft::guard;
    use crate::access_control::{Draft, MAX_ID, row};

    const US: u16 = 101;
    const COLUMNS: [u16; 3] = [0, US, 102];

    /// Two rows of this server, one of another and one about the Object.
    fn rows() -> Vec<Row> {
        let object = AccessControlInstance { instance: MAX_ID, ..guard(3, MAX_ID, &[]) };
        let draft = Draft::new(vec![guard(0, US, &[]), guard(1, US, &[]), guard(2, 102, &[]), object]);
        let servers = [US, 102].into();
        (0..4).filter_map(|id| row(&draft, id, Some(US), &COLUMNS, &servers)).collect()
    }

    fn walk(from: &str, moves: &[Move]) -> String {
        let rows = rows();
        let grid = Grid::new(&COLUMNS, &rows);
        let end = moves.iter().try_fold(from.parse().unwrap(), |at, to| grid.step(at, *to));
        end.map_or_else(|| "edge".to_owned(), |spot| spot.to_string())
    }

    #[test]
    fn arrows_go_from_tile_to_tile_and_over_the_edges_of_cells() {
        use Move::{Down, Left, Right, Up};
        assert_eq!(walk("tile-0-101-4", &[Right]), "tile-0-101-8");
        assert_eq!(walk("tile-0-101-8", &[Right]), "tile-0-102-0");
        assert_eq!(walk("tile-0-102-0", &[Left]), "tile-0-101-8");
        assert_eq!(walk("tile-0-101-4", &[Down, Down]), "tile-2-101-4");
        assert_eq!(walk("tile-0-101-4", &[Up]), "column-101");
        assert_eq!(walk("column-101", &[Down]), "tile-0-101-1");
        assert_eq!(walk("tile-0-0-0", &[Left, Left]), "row-0");
        assert_eq!(walk("tile-2-0-0", &[Left]), "row-2", "the owner of another's row is not chosen");
        assert_eq!(walk("row-1", &[Up, Down]), "row-1");
    }

    #[test]
    fn a_row_about_an_object_has_other_tiles() {
        use Move::{Down, Up};
        assert_eq!(walk("tile-2-102-8", &[Down]), "tile-3-102-16");
        assert_eq!(walk("tile-3-102-16", &[Up]), "tile-2-102-8");
        assert_ne!(walk("tile-2-0-1", &[Down]), "edge", "there is no default, and a place all the same");
    }

    #[test]
    fn it_ends_at_the_edges() {
        use Move::{Down, End, Left, LineEnd, LineStart, Right, Start, Up};
        assert_eq!(walk("tile-0-101-4", &[LineEnd]), "tile-0-102-8");
        assert_eq!(walk("tile-0-101-4", &[LineStart]), "row-0");
        assert_eq!(walk("tile-2-102-8", &[Start]), "column-0");
        assert_eq!(walk("tile-0-101-4", &[End]), "tile-3-102-16");
        for (from, to) in [
            ("row-0", Left),
            ("tile-0-102-8", Right),
            ("column-101", Up),
            ("tile-3-102-16", Down),
            ("palette-1", Down),
        ] {
            assert_eq!(walk(from, &[to]), "edge", "{from} {to:?}");
        }
    }

    #[test]
    fn keys() {
        assert_eq!(Move::from_key("Home", true), Some(Move::Start));
        assert_eq!((Move::from_key("ArrowUp", true), Move::from_key("x", false)), (None, None));
    }
}
