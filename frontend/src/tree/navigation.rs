use lwm2m_codec::Path;

use super::Row;

/// What a key does in the tree (WAI-ARIA Authoring Practices, tree view).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    To(Path),
    Open(Path),
    Close(Path),
}

/// `current`: the row that has the focus.
pub(crate) fn step(rows: &[Row], current: Option<Path>, key: &str) -> Option<Move> {
    let nodes: Vec<&Row> = rows.iter().filter(|row| row.is_node()).collect();
    let at = current.and_then(|path| nodes.iter().position(|row| row.path == path));
    let to = |index: usize| nodes.get(index).map(|row| Move::To(row.path));
    let Some(at) = at else {
        return match key {
            "ArrowDown" | "ArrowUp" | "Home" => to(0),
            "End" => to(nodes.len().checked_sub(1)?),
            _ => None,
        };
    };
    let row = nodes.get(at)?;
    match key {
        "ArrowDown" => to(at + 1),
        "ArrowUp" => to(at.checked_sub(1)?),
        "Home" => to(0),
        "End" => to(nodes.len() - 1),
        "ArrowRight" => match row.open {
            Some(false) => Some(Move::Open(row.path)),
            Some(true) => to(at + 1),
            None => None,
        },
        "ArrowLeft" => match row.open {
            Some(true) => Some(Move::Close(row.path)),
            _ => row.path.parent().filter(|parent| *parent != Path::ROOT).map(Move::To),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Observed, RowKind};
    use super::*;

    fn row(path: &str, open: Option<bool>) -> Row {
        let kind = RowKind::Object;
        Row { path: path.parse().unwrap(), kind, name: None, open, observed: Observed::No }
    }

    fn rows() -> Vec<Row> {
        let mut rows =
            vec![row("/3", Some(true)), row("/3/0", Some(true)), row("/3/0/0", None), row("/4", Some(false))];
        let hidden = Row { kind: RowKind::Unreported { count: 2, shown: false }, ..row("/3/0", None) };
        rows.insert(3, hidden);
        rows
    }

    fn at(current: &str, key: &str) -> Option<Move> {
        step(&rows(), current.parse().ok(), key)
    }

    fn to(path: &str) -> Option<Move> {
        Some(Move::To(path.parse().unwrap()))
    }

    #[test]
    fn up_and_down_skip_what_is_no_node() {
        assert_eq!(at("/3/0/0", "ArrowDown"), to("/4"));
        assert_eq!(at("/4", "ArrowUp"), to("/3/0/0"));
        assert_eq!(at("/4", "ArrowDown"), None);
        assert_eq!(at("/3", "ArrowUp"), None);
        assert_eq!(at("/3", "End"), to("/4"));
        assert_eq!(at("/4", "Home"), to("/3"));
    }

    #[test]
    fn left_and_right_open_close_and_walk() {
        assert_eq!(at("/4", "ArrowRight"), Some(Move::Open(Path::object(4))));
        assert_eq!(at("/3", "ArrowRight"), to("/3/0"));
        assert_eq!(at("/3", "ArrowLeft"), Some(Move::Close(Path::object(3))));
        assert_eq!(at("/3/0/0", "ArrowLeft"), to("/3/0"));
        assert_eq!(at("/4", "ArrowLeft"), None);
        assert_eq!(at("/3/0/0", "ArrowRight"), None);
    }

    #[test]
    fn without_a_focus_the_keys_start_at_an_end() {
        assert_eq!(step(&rows(), None, "ArrowDown"), to("/3"));
        assert_eq!(step(&rows(), Some(Path::object(99)), "End"), to("/4"));
        assert_eq!(step(&[], None, "End"), None);
        assert_eq!(step(&rows(), None, "x"), None);
    }
}
