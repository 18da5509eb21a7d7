use crate::chart::TimeView;
use crate::routing::parameter;

/// What the address of a board says beside which one it is, so that a link leads to exactly what is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct BoardAddress {
    /// None: as the board has it.
    pub(crate) view: Option<TimeView>,
    /// Without anything around it, for a screen on the wall.
    pub(crate) wall: bool,
    /// It is being arranged.
    pub(crate) edit: bool,
}

impl BoardAddress {
    pub(crate) fn parse(query: &str, now_ms: f64) -> Self {
        let has = |name: &str| query.split('&').any(|pair| pair == name);
        let view = TimeView::of_query(|name| parameter(query, name), now_ms);
        Self { view, wall: has("wall"), edit: has("edit") && !has("wall") }
    }

    pub(crate) fn query(self) -> String {
        let mut pairs: Vec<String> = self.view.map(TimeView::query).into_iter().collect();
        pairs.extend(self.wall.then(|| "wall".to_owned()));
        pairs.extend(self.edit.then(|| "edit".to_owned()));
        pairs.join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_again() {
        let past = TimeView::between(1e6, 2e6, 1e12);
        for (view, wall, edit) in
            [(None, false, false), (Some(TimeView::following(60e3)), true, false), (Some(past), false, true)]
        {
            let address = BoardAddress { view, wall, edit };
            assert_eq!(BoardAddress::parse(&address.query(), 1e12), address, "{}", address.query());
        }
        let query = BoardAddress { view: Some(past), wall: true, edit: false }.query();
        assert_eq!(query, "from=1000000&to=2000000&wall");
        assert_eq!(BoardAddress::parse("wall=1&x", 0.0), BoardAddress::default());
        assert!(!BoardAddress::parse("wall&edit", 0.0).edit, "nobody arranges a board on the wall");
    }
}
