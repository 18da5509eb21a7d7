//! What makes a board good.

use std::{collections::BTreeSet, fmt::Display, ops::RangeInclusive};

use console_api::{Board, BoardSeries, Tile, TileKind};
use lwm2m_codec::{Level, Path, limits::ENDPOINT_MAX};

use super::BoardError;

/// The board as it is kept: without spaces around its texts.
pub(super) fn checked(board: Board) -> Result<Board, BoardError> {
    let name = board.name.trim().to_owned();
    within("the length of the name", name.chars().count(), 1..=Board::NAME)?;
    within("span_ms", board.span_ms, Board::SHORTEST_SPAN_MS..=Board::LONGEST_SPAN_MS)?;
    within("the number of tiles", board.tiles.len(), 0..=Board::TILES)?;
    let tiles = board.tiles.into_iter().enumerate().map(|(position, tile)| checked_tile(position, tile));
    let tiles = tiles.collect::<Result<Vec<_>, _>>()?;
    lie_apart(&tiles)?;
    Ok(Board { name, tiles, ..board })
}

fn checked_tile(position: usize, tile: Tile) -> Result<Tile, BoardError> {
    let of_tile = |what: &str| format!("{what} of tile {position}");
    within(&of_tile("the width"), tile.width, 1..=Board::COLUMNS)?;
    within(&of_tile("the height"), tile.height, 1..=Board::ROWS)?;
    within(&of_tile("x"), tile.x, 0..=Board::COLUMNS - tile.width)?;
    within(&of_tile("y"), tile.y, 0..=Board::ROWS - tile.height)?;
    let title = tile.title.as_deref().map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
    let length = title.as_ref().map_or(0, |title| title.chars().count());
    within(&of_tile("the length of the title"), length, 0..=Tile::TITLE)?;
    let most = match tile.kind {
        TileKind::Chart => Tile::SERIES,
        TileKind::Value => 1,
    };
    within(&of_tile("the number of series"), tile.series.len(), 1..=most)?;
    let mut different = BTreeSet::new();
    for series in &tile.series {
        check_series(position, series)?;
        if !different.insert(series) {
            let BoardSeries { endpoint, path } = series;
            let message = format!("tile {position} has a series twice");
            return Err(bad(message, "each Resource once", format!("{path} of {endpoint:?} again")));
        }
    }
    Ok(Tile { title, ..tile })
}

/// The client need not be known: it may register later.
fn check_series(position: usize, BoardSeries { endpoint, path }: &BoardSeries) -> Result<(), BoardError> {
    let of_tile = |what: &str| format!("{what} of a series of tile {position}");
    within(&of_tile("the length in bytes of the endpoint"), endpoint.len(), 1..=ENDPOINT_MAX)?;
    const EXPECTED: &str = "the path of a Resource or a Resource Instance";
    match path.parse::<Path>() {
        Ok(path) if matches!(path.level(), Level::Resource | Level::ResourceInstance) => Ok(()),
        Ok(path) => Err(bad(of_tile("the path"), EXPECTED, format!("{path}, that of {}", named(path)))),
        Err(error) => Err(bad(of_tile("the path"), EXPECTED, error.to_string())),
    }
}

fn named(path: Path) -> String {
    let level = path.level().name();
    if path.level() == Level::Root { format!("the {level}") } else { format!("an {level}") }
}

fn lie_apart(tiles: &[Tile]) -> Result<(), BoardError> {
    for (position, tile) in tiles.iter().enumerate() {
        if let Some(under) = tiles.iter().take(position).position(|earlier| earlier.overlaps(tile)) {
            let message = format!("tiles {under} and {position} overlap");
            let Tile { x, y, width, height, .. } = tile;
            let got = format!("tile {position} at column {x} and row {y}, {width} wide and {height} high");
            return Err(bad(message, "cells that no other tile has", got));
        }
    }
    Ok(())
}

fn within<T: PartialOrd + Display>(what: &str, got: T, bounds: RangeInclusive<T>) -> Result<(), BoardError> {
    if bounds.contains(&got) {
        return Ok(());
    }
    let expected = format!("{} to {}", bounds.start(), bounds.end());
    Err(bad(format!("{what} is out of range"), expected, got.to_string()))
}

fn bad(message: impl Into<String>, expected: impl Into<String>, got: impl Into<String>) -> BoardError {
    BoardError::Bad { message: message.into(), expected: expected.into(), got: got.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(path: &str) -> BoardSeries {
        BoardSeries { endpoint: "lamp".to_owned(), path: path.to_owned() }
    }

    fn tile(x: u16, y: u16) -> Tile {
        Tile { x, y, width: 4, height: 3, series: vec![series("/3303/0/5700")], ..Tile::default() }
    }

    fn board(tiles: Vec<Tile>) -> Board {
        Board { name: "Cellar".to_owned(), span_ms: 60_000, tiles, ..Board::default() }
    }

    /// What was expected and what came.
    fn refused(board: Board) -> (String, String) {
        match checked(board) {
            Err(BoardError::Bad { expected, got, .. }) => (expected, got),
            other => panic!("{other:?}"),
        }
    }

    fn refused_tile(change: impl FnOnce(&mut Tile)) -> (String, String) {
        let mut tile = tile(0, 0);
        change(&mut tile);
        refused(board(vec![tile]))
    }

    fn told(expected: &str, got: &str) -> (String, String) {
        (expected.to_owned(), got.to_owned())
    }

    #[test]
    fn a_good_board_is_kept_without_spaces_around_its_texts() {
        let mut wide = Tile { title: Some("  Heat ".to_owned()), ..tile(0, 3) };
        (wide.width, wide.height) = (Board::COLUMNS, Board::ROWS - 3);
        let blank = Tile { title: Some(" ".to_owned()), ..tile(8, 0) };
        let value = Tile { kind: TileKind::Value, series: vec![series("/3/0/6/1")], ..tile(0, 0) };
        let kept = checked(Board { name: " Cellar ".to_owned(), ..board(vec![value, blank, wide]) }).unwrap();
        assert_eq!((kept.name.as_str(), kept.tiles[1].title.as_deref()), ("Cellar", None));
        assert_eq!(kept.tiles[2].title.as_deref(), Some("Heat"));
        assert!(checked(board(Vec::new())).is_ok());
        assert!(checked(Board { name: "ä".repeat(Board::NAME), ..board(Vec::new()) }).is_ok());
    }

    #[test]
    fn name_and_span_have_bounds() {
        assert_eq!(refused(Board { name: " ".to_owned(), ..board(Vec::new()) }), told("1 to 120", "0"));
        assert_eq!(refused(Board { name: "n".repeat(121), ..board(Vec::new()) }), told("1 to 120", "121"));
        for span_ms in [0, 9_999, 366 * 86_400_000 + 1] {
            let refused = refused(Board { span_ms, ..board(Vec::new()) });
            assert_eq!(refused, told("10000 to 31622400000", &span_ms.to_string()));
        }
    }

    #[test]
    fn tiles_lie_on_the_grid() {
        assert_eq!(refused_tile(|tile| tile.width = 0), told("1 to 12", "0"));
        assert_eq!(refused_tile(|tile| tile.width = 13), told("1 to 12", "13"));
        assert_eq!(refused_tile(|tile| tile.x = 9), told("0 to 8", "9"));
        assert_eq!(refused_tile(|tile| tile.height = 0), told("1 to 500", "0"));
        assert_eq!(refused_tile(|tile| tile.y = 498), told("0 to 497", "498"));
        assert_eq!(refused_tile(|tile| tile.title = Some("t".repeat(121))), told("0 to 120", "121"));
    }

    #[test]
    fn tiles_do_not_overlap_and_are_bounded() {
        let got = "tile 1 at column 3 and row 2, 4 wide and 3 high";
        assert_eq!(refused(board(vec![tile(0, 0), tile(3, 2)])), told("cells that no other tile has", got));
        let many = (0..=Board::TILES).map(|row| Tile { height: 1, ..tile(0, row as u16) }).collect();
        assert_eq!(refused(board(many)), told("0 to 48", "49"));
    }

    #[test]
    fn a_chart_has_up_to_ten_series_and_a_value_one() {
        let some = |count: u16| (0..count).map(|id| series(&format!("/3303/{id}/5700"))).collect::<Vec<_>>();
        assert!(checked(board(vec![Tile { series: some(10), ..tile(0, 0) }])).is_ok());
        assert_eq!(refused_tile(|tile| tile.series = some(11)), told("1 to 10", "11"));
        assert_eq!(refused_tile(|tile| tile.series = some(0)), told("1 to 10", "0"));
        let value = |tile: &mut Tile| (tile.kind, tile.series) = (TileKind::Value, some(2));
        assert_eq!(refused_tile(value), told("1 to 1", "2"));
        let twice = |tile: &mut Tile| tile.series.push(series("/3303/0/5700"));
        let got = "/3303/0/5700 of \"lamp\" again";
        assert_eq!(refused_tile(twice), told("each Resource once", got));
    }

    #[test]
    fn a_series_is_a_resource_of_a_client() {
        for path in ["/", "/3303", "/3303/0", "3303/0/5700", "/3303/0/65535", "", "/3/0/6/1/0"] {
            let (expected, _) = refused_tile(|tile| tile.series = vec![series(path)]);
            assert_eq!(expected, "the path of a Resource or a Resource Instance", "{path}");
        }
        let named = |endpoint: String| vec![BoardSeries { endpoint, path: "/3/0/9".to_owned() }];
        assert_eq!(refused_tile(|tile| tile.series = named(String::new())), told("1 to 255", "0"));
        assert_eq!(refused_tile(|tile| tile.series = named("e".repeat(256))), told("1 to 255", "256"));
        assert!(checked(board(vec![Tile { series: named("e".repeat(255)), ..tile(0, 0) }])).is_ok());
    }
}
