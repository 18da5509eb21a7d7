use console_api::{BoardSeries, Tile};
use lwm2m_codec::Path;

/// What shall be on a board.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) series: Vec<BoardSeries>,
    /// What it is called, for people.
    pub(crate) name: String,
}

/// What a tile shows, as far as it can be read.
pub(crate) fn series_of(tile: &Tile) -> Vec<(&str, Path)> {
    let read = |series: &'_ BoardSeries| series.path.parse::<Path>().ok();
    tile.series.iter().filter_map(|series| Some((series.endpoint.as_str(), read(series)?))).collect()
}

/// What a tile is called that has no title: by its Resource when there is one, and its device when there is one.
pub(crate) fn title_of(
    series: &[(&str, Path)],
    resource: impl Fn(&str, &Path) -> String,
    device: impl Fn(&str) -> String,
) -> String {
    let Some((endpoint, path)) = series.first() else {
        return "Nothing".to_owned();
    };
    let same_kind =
        |other: &Path| (other.object_id(), other.resource_id()) == (path.object_id(), path.resource_id());
    let one_device = series.iter().all(|(other, _)| other == endpoint);
    let one_resource = series.iter().all(|(_, other)| same_kind(other));
    match (one_resource, one_device) {
        (true, true) => format!("{} · {}", device(endpoint), resource(endpoint, path)),
        (true, false) => resource(endpoint, path),
        (false, true) => device(endpoint),
        (false, false) => format!("{} Resources", series.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_says_what_the_series_have_in_common() {
        let path = |text: &str| text.parse::<Path>().unwrap();
        let title = |series: &[(&str, Path)]| {
            title_of(series, |_, path| format!("R{}", path.resource_id().unwrap()), str::to_uppercase)
        };
        assert_eq!(title(&[("a", path("/3/0/9"))]), "A · R9");
        assert_eq!(title(&[("a", path("/3/0/9")), ("b", path("/3/0/9"))]), "R9");
        assert_eq!(title(&[("a", path("/3303/0/5700")), ("a", path("/3303/1/5700"))]), "A · R5700");
        assert_eq!(title(&[("a", path("/3/0/9")), ("a", path("/4/0/2"))]), "A");
        assert_eq!(title(&[("a", path("/3/0/9")), ("b", path("/4/0/2"))]), "2 Resources");
        assert_eq!(title(&[]), "Nothing");
    }

    #[test]
    fn a_path_that_is_none_is_left_out() {
        let series = |path: &str| BoardSeries { endpoint: "a".into(), path: path.into() };
        let tile = Tile { series: vec![series("/3/0/9"), series("x")], ..Tile::default() };
        assert_eq!(series_of(&tile), [("a", "/3/0/9".parse().unwrap())]);
    }
}
