use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_codec::attributes::{Attribute, AttributeTarget};
use lwm2m_model::notification::{Conditions, Direction};

use crate::chart::{Level, ValueScale};
use crate::live::Live;
use crate::workbench::Workbench;
use crate::write::AttributeDraft;

/// The attributes that are seen on a chart: two lines, and the height of a band.
pub(super) const LEVELS: [Attribute; 3] = [Attribute::Gt, Attribute::Lt, Attribute::St];

/// gt, lt and st of the selected Resource: what the client has, and what the operator would rather have.
#[derive(Clone, Copy)]
pub(super) struct Thresholds {
    path: Path,
    /// In the order of [`LEVELS`]; none while it is as the client has it.
    proposed: RwSignal<[Option<f64>; 3]>,
    /// The axis while a level is dragged.
    pub(super) frozen: RwSignal<Option<ValueScale>>,
}

impl Thresholds {
    pub(super) fn new(path: Path) -> Self {
        Self { path, proposed: RwSignal::default(), frozen: RwSignal::default() }
    }

    /// As the client has it.
    fn attached(self, live: Live, attribute: Attribute) -> Option<f64> {
        live.structure.track();
        let value = live.with_device(|device| {
            let found = device.attributes(&self.path).iter().find(|(name, _)| name == attribute.name());
            found.and_then(|(_, value)| value.as_ref()?.parse::<f64>().ok())
        });
        value.flatten().filter(|value| value.is_finite())
    }

    pub(super) fn value(self, live: Live, attribute: Attribute) -> Option<f64> {
        self.proposed.with(|proposed| proposed[index(attribute)]).or_else(|| self.attached(live, attribute))
    }

    pub(super) fn propose(self, attribute: Attribute, value: f64) {
        self.proposed.update(|proposed| proposed[index(attribute)] = Some(value));
    }

    /// As the client has it, again.
    pub(super) fn reset(self) {
        self.proposed.set([None; 3]);
    }

    /// What the client has by now is not proposed any more.
    pub(super) fn settle(self, live: Live) {
        for attribute in LEVELS {
            let attached = self.attached(live, attribute);
            let proposed = self.proposed.with_untracked(|proposed| proposed[index(attribute)]);
            if proposed.is_some() && proposed == attached {
                self.proposed.update(|proposed| proposed[index(attribute)] = None);
            }
        }
    }

    pub(super) fn is_changed(self) -> bool {
        self.proposed.with(|proposed| proposed.iter().any(Option::is_some))
    }

    /// The two lines.
    pub(super) fn levels(self, live: Live) -> Vec<Level> {
        let level = |attribute: Attribute| {
            Some(Level { name: attribute.name(), value: self.value(live, attribute)? })
        };
        [Attribute::Gt, Attribute::Lt].into_iter().filter_map(level).collect()
    }

    /// From where to where the value moves without a notification, around the one that was sent last.
    pub(super) fn band(self, live: Live, last: Option<f64>) -> Option<(f64, f64)> {
        let (step, last) = (self.value(live, Attribute::St)?, last?);
        Some((last - step, last + step))
    }

    /// The query that makes it so.
    pub(super) fn query(self, live: Live, bench: Workbench) -> Result<String, String> {
        self.draft(live, bench).query()
    }

    /// When a client would notify that had it so; none while it has.
    pub(super) fn conditions(self, live: Live, bench: Workbench) -> Option<Conditions> {
        if !self.is_changed() {
            return None;
        }
        let own = self.draft(live, bench).wanted();
        let attributes = live.with_device(|device| device.effective_attributes(&self.path, Some(own)))?;
        Some(Conditions::new(&attributes, Direction::Both))
    }

    fn draft(self, live: Live, bench: Workbench) -> AttributeDraft {
        let version = bench.version().parse().unwrap_or_default();
        let target = live.with_model(|model| AttributeTarget::new(&self.path, model, version));
        let attached = live.with_device(|device| device.attributes(&self.path).to_vec()).unwrap_or_default();
        let mut draft = AttributeDraft::new(target, &attached);
        for attribute in LEVELS {
            if let Some(value) = self.proposed.with(|proposed| proposed[index(attribute)]) {
                draft.set(attribute, value.to_string());
            }
        }
        draft
    }
}

const fn index(attribute: Attribute) -> usize {
    match attribute {
        Attribute::Gt => 0,
        Attribute::Lt => 1,
        _ => 2,
    }
}
