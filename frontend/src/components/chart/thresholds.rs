use leptos::prelude::*;
use lwm2m_codec::attributes::{Attribute, AttributeTarget};
use lwm2m_model::notification::{Conditions, Direction};

use crate::chart::{Level, ValueScale};
use crate::live::{Live, Target};
use crate::write::AttributeDraft;

/// The attributes that are seen on a chart: two lines, and the height of a band.
pub(crate) const LEVELS: [Attribute; 3] = [Attribute::Gt, Attribute::Lt, Attribute::St];

/// gt, lt and st of a Resource: what the client has, and what the operator would rather have.
#[derive(Clone, Copy)]
pub(crate) struct Thresholds {
    target: Target,
    /// In the order of [`LEVELS`]; none while it is as the client has it.
    proposed: RwSignal<[Option<f64>; 3]>,
    /// The axis while a level is dragged.
    pub(crate) frozen: RwSignal<Option<ValueScale>>,
}

impl Thresholds {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, proposed: RwSignal::default(), frozen: RwSignal::default() }
    }

    /// As the client has it.
    fn attached(self, live: Live, attribute: Attribute) -> Option<f64> {
        live.structure.track();
        let value = live.with_device_of(self.target.device, |device| {
            let found =
                device.attributes(&self.target.path).iter().find(|(name, _)| name == attribute.name());
            found.and_then(|(_, value)| value.as_ref()?.parse::<f64>().ok())
        });
        value.flatten().filter(|value| value.is_finite())
    }

    pub(crate) fn value(self, live: Live, attribute: Attribute) -> Option<f64> {
        self.proposed.with(|proposed| proposed[index(attribute)]).or_else(|| self.attached(live, attribute))
    }

    pub(crate) fn propose(self, attribute: Attribute, value: f64) {
        self.proposed.update(|proposed| proposed[index(attribute)] = Some(value));
    }

    /// As the client has it, again.
    pub(crate) fn reset(self) {
        self.proposed.set([None; 3]);
    }

    /// What the client has by now is not proposed any more.
    pub(crate) fn settle(self, live: Live) {
        for attribute in LEVELS {
            let attached = self.attached(live, attribute);
            let proposed = self.proposed.with_untracked(|proposed| proposed[index(attribute)]);
            if proposed.is_some() && proposed == attached {
                self.proposed.update(|proposed| proposed[index(attribute)] = None);
            }
        }
    }

    pub(crate) fn is_changed(self) -> bool {
        self.proposed.with(|proposed| proposed.iter().any(Option::is_some))
    }

    /// The two lines.
    pub(crate) fn levels(self, live: Live) -> Vec<Level> {
        let level = |attribute: Attribute| {
            Some(Level { name: attribute.name(), value: self.value(live, attribute)? })
        };
        [Attribute::Gt, Attribute::Lt].into_iter().filter_map(level).collect()
    }

    /// From where to where the value moves without a notification, around the one that was sent last.
    pub(crate) fn band(self, live: Live, last: Option<f64>) -> Option<(f64, f64)> {
        let (step, last) = (self.value(live, Attribute::St)?, last?);
        Some((last - step, last + step))
    }

    /// The query that makes it so.
    pub(crate) fn query(self, live: Live) -> Result<String, String> {
        self.draft(live).query()
    }

    /// When a client would notify that had it so; none while it has.
    pub(crate) fn conditions(self, live: Live) -> Option<Conditions> {
        if !self.is_changed() {
            return None;
        }
        let own = self.draft(live).wanted();
        let attributes = live.with_device_of(self.target.device, |device| {
            device.effective_attributes(&self.target.path, Some(own))
        })?;
        Some(Conditions::new(&attributes, Direction::Both))
    }

    fn draft(self, live: Live) -> AttributeDraft {
        let Target { device, path } = self.target;
        let version = live.version_of(device).parse().unwrap_or_default();
        let target = live.with_model_of(device, |model| AttributeTarget::new(&path, model, version));
        let attached = live.with_device_of(device, |device| device.attributes(&path).to_vec());
        let attached = attached.unwrap_or_default();
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
