//! Resources of other devices beside those of this one.

use console_api::BoardSeries;
use leptos::prelude::*;
use lwm2m_codec::Path;

use super::Workbench;
use crate::live::{DeviceKey, Target};
use crate::routing::{percent_decode, percent_encode};

impl Workbench {
    /// Looks at the devices that are compared with, for as long as the page is open.
    pub(crate) fn follow_compared(self) {
        let let_go = move |targets: Vec<Target>| {
            targets.into_iter().for_each(|target| self.live.let_go(target.device));
        };
        Effect::new(move |before: Option<Vec<Target>>| {
            let target = |series: &BoardSeries| {
                let path = series.path.parse::<Path>().ok()?;
                Some(Target { device: self.live.hold_on(&series.endpoint), path })
            };
            let now: Vec<Target> =
                self.compared.with(|compared| compared.iter().filter_map(target).collect());
            // Those that stay are held all the time.
            let_go(before.unwrap_or_default());
            self.beside.set(now.clone());
            now
        });
        on_cleanup(move || let_go(self.beside.try_get_untracked().unwrap_or_default()));
    }

    /// Takes one of the others off the chart.
    pub(crate) fn take_off(self, target: Target, own: DeviceKey) {
        if target.device == own {
            return self.toggle_pin(target.path);
        }
        let at = self.beside.with_untracked(|beside| beside.iter().position(|other| *other == target));
        if let Some(at) = at {
            self.compared.update(|compared| drop(compared.remove(at)));
        }
    }
}

/// `hall/3303/0/5700,cellar/3303/0/5700`: names are escaped within.
pub(super) fn to_address(compared: &[BoardSeries]) -> String {
    let one = |series: &BoardSeries| {
        format!("{}{}", percent_encode(&percent_encode(&series.endpoint)), series.path)
    };
    compared.iter().map(one).collect::<Vec<_>>().join(",")
}

/// What [`to_address`] has made, unescaped once. What cannot be read is left out.
pub(super) fn of_address(text: &str) -> Vec<BoardSeries> {
    let one = |part: &str| {
        let (endpoint, path) = part.split_at(part.find('/')?);
        let endpoint = percent_decode(endpoint).filter(|endpoint| !endpoint.is_empty())?;
        let path = path.parse::<Path>().ok().filter(|path| path.resource_id().is_some())?;
        Some(BoardSeries { endpoint, path: path.to_string() })
    };
    text.split(',').filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::parameter;

    #[test]
    fn any_endpoint_name_survives_the_address() {
        let series = |endpoint: &str| BoardSeries { endpoint: endpoint.into(), path: "/3303/0/5700".into() };
        for endpoint in ["hall", "a/b,c", "100%", "a%2Fb", "Gerät &=?#", "urn:imei:1"] {
            let compared = [series(endpoint), series("other")];
            let query = format!("span=1&and={}&x=1", to_address(&compared));
            assert_eq!(of_address(&parameter(&query, "and").unwrap()), compared, "{query}");
        }
        assert!(of_address("x,/3/0/9,hall/3,hall/x,").is_empty());
    }
}
