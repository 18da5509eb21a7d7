//! The chart in the address of the page, so that a link leads to exactly what is seen.

use std::time::Duration;

use console_api::BoardSeries;
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::Workbench;
use super::compare::{of_address, to_address};
use crate::browser;
use crate::chart::{SERIES, TimeView};
use crate::pause::Pause;
use crate::routing::parameter;

/// Parameters of the address that are about the chart.
const PARAMETERS: [&str; 5] = ["span", "from", "to", "with", "and"];

/// Browsers refuse an address that changes too often.
const SETTLED: Duration = Duration::from_millis(400);

impl Workbench {
    /// Shows what the address says of the chart, if it says something.
    pub(super) fn follow_chart_address(self) {
        let address = browser::address();
        let Some((_, query)) = address.split_once('?') else {
            return;
        };
        let now_ms = self.live.clock() as f64;
        if let Some(view) = TimeView::of_query(|name| parameter(query, name), now_ms) {
            self.view.set(view);
        }
        if let Some(with) = parameter(query, "with") {
            self.pinned.set(paths(&with));
        }
        if let Some(and) = parameter(query, "and") {
            self.compared.set(of_address(&and));
        }
    }

    /// Keeps the address up to date with the chart.
    pub(crate) fn tell_chart_address(self) {
        let pause = Pause::new();
        Effect::new(move |before: Option<()>| {
            self.view.track();
            self.pinned.track();
            self.compared.track();
            if before.is_some() {
                pause.then(SETTLED, move || {
                    let (address, own) = (browser::address(), self.chart_address());
                    if address != own {
                        let fragment = browser::fragment();
                        let mark = if fragment.is_empty() { "" } else { "#" };
                        browser::replace_address(&format!("{own}{mark}{fragment}"));
                    }
                });
            }
        });
    }

    /// Address of the page with this very chart: a selected node comes after it.
    fn chart_address(self) -> String {
        let address = browser::address();
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        let (view, pinned) = (self.view.get_untracked(), self.pinned.get_untracked());
        let compared = self.compared.get_untracked();
        let query = query_with(query, view, &pinned, &compared);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{path}{mark}{query}")
    }

    /// A link to what is seen now. A chart that follows the present is one of then for whoever follows the link.
    pub(crate) fn chart_link(self) -> String {
        let selected = self.selected.get_untracked().map(|path| format!("#{path}")).unwrap_or_default();
        format!("{}{}{selected}", browser::origin(), self.chart_address())
    }
}

/// The query with what it says of the chart replaced; nothing of what is shown anyway.
fn query_with(query: &str, view: TimeView, pinned: &[Path], compared: &[BoardSeries]) -> String {
    let other = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && !PARAMETERS.contains(&name)
    };
    let mut pairs: Vec<String> = query.split('&').filter(other).map(str::to_owned).collect();
    if view != TimeView::default() {
        pairs.push(view.query());
    }
    if !pinned.is_empty() {
        let paths: Vec<String> = pinned.iter().map(Path::to_string).collect();
        pairs.push(format!("with={}", paths.join(",")));
    }
    if !compared.is_empty() {
        pairs.push(format!("and={}", to_address(compared)));
    }
    pairs.join("&")
}

fn paths(text: &str) -> Vec<Path> {
    let paths = text.split(',').filter_map(|path| path.parse::<Path>().ok());
    let mut paths: Vec<Path> = paths.filter(|path| path.resource_id().is_some()).collect();
    paths.dedup();
    paths.truncate(SERIES);
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_differs_from_an_untouched_chart() {
        let battery = Path::resource(3, 0, 9);
        assert_eq!(
            query_with("endpoint=..&span=1&with=/3/0/9", TimeView::default(), &[], &[]),
            "endpoint=.."
        );
        let query = query_with("", TimeView::following(60e3), &[battery, Path::resource(3303, 0, 5700)], &[]);
        assert_eq!(query, "span=60000&with=/3/0/9,/3303/0/5700");
        assert_eq!(paths(&parameter(&query, "with").unwrap()), [battery, Path::resource(3303, 0, 5700)]);
        let past = TimeView::between(1e6, 2e6, 1e12);
        assert_eq!(query_with(&query, past, &[battery], &[]), "from=1000000&to=2000000&with=/3/0/9");
        assert_eq!(paths("x,/3,/3/0/9,,"), [battery]);
    }
}
