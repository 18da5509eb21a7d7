use alloc::vec::Vec;
use core::fmt;

use super::attribute::Attribute;
use super::notification_attributes::NotificationAttributes;
use super::validity::Inconsistency;
use super::value::{AttributeValue, Edge};
use crate::path::Path;
use crate::value::Value;

/// Where the value of an attribute comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A parameter of this very Observe (LwM2M Core 1.2 §6.4.1).
    ObserveParameter,
    /// Attached to this node.
    Attached(Path),
    /// A default in the server's account, by its resource of object 1.
    ServerObject { resource: u16 },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ObserveParameter => f.write_str("given with the Observe"),
            Self::Attached(path) => write!(f, "from {path}"),
            Self::ServerObject { resource: 2 } => f.write_str("from the Default Minimum Period, /1/x/2"),
            Self::ServerObject { resource: 3 } => f.write_str("from the Default Maximum Period, /1/x/3"),
            Self::ServerObject { resource: 26 } => f.write_str("from the Default Notification Mode, /1/x/26"),
            Self::ServerObject { resource } => write!(f, "from /1/x/{resource}"),
        }
    }
}

/// A value in force and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolved<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T: fmt::Display> fmt::Display for Resolved<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.origin)
    }
}

/// What holds where no attribute is attached: resources 2, 3 and 26 of the server's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerDefaults {
    /// Default Minimum Period, `/1/x/2`.
    pub pmin: Option<u32>,
    /// Default Maximum Period, `/1/x/3`.
    pub pmax: Option<u32>,
    /// Default Notification Mode, `/1/x/26`: whether notifications are confirmable.
    pub con: Option<bool>,
}

impl ServerDefaults {
    /// As the account has them; `value` tells a resource of its instance of object 1.
    #[must_use]
    pub fn of_account(value: impl Fn(u16) -> Option<Value>) -> Self {
        let number = |resource| match value(resource)? {
            Value::Integer(number) => u32::try_from(number).ok(),
            Value::Unsigned(number) => u32::try_from(number).ok(),
            _ => None,
        };
        Self { pmin: number(2), pmax: number(3), con: number(26).map(|mode| mode == 1) }
    }
}

/// The attributes in force for one node (LwM2M Core §5.1.1). Each is resolved separately.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EffectiveAttributes {
    pub pmin: Option<Resolved<u32>>,
    pub pmax: Option<Resolved<u32>>,
    pub gt: Option<Resolved<f64>>,
    pub lt: Option<Resolved<f64>>,
    pub st: Option<Resolved<f64>>,
    pub epmin: Option<Resolved<u32>>,
    pub epmax: Option<Resolved<u32>>,
    pub edge: Option<Resolved<Edge>>,
    pub con: Option<Resolved<bool>>,
    pub hqmax: Option<Resolved<u32>>,
}

impl EffectiveAttributes {
    /// Resolves a chain of sets, the one with precedence first: resource instance, resource, object instance,
    /// object. The defaults of the server come last.
    #[must_use]
    pub fn resolve(chain: &[(Origin, NotificationAttributes)], defaults: &ServerDefaults) -> Self {
        Self {
            pmin: first(chain, |set| set.pmin).or(default(defaults.pmin, 2)),
            pmax: first(chain, |set| set.pmax).or(default(defaults.pmax, 3)),
            gt: first(chain, |set| set.gt),
            lt: first(chain, |set| set.lt),
            st: first(chain, |set| set.st),
            epmin: first(chain, |set| set.epmin),
            epmax: first(chain, |set| set.epmax),
            edge: first(chain, |set| set.edge),
            con: first(chain, |set| set.con).or(default(defaults.con, 26)),
            hqmax: first(chain, |set| set.hqmax),
        }
    }

    /// Those of a node and of the levels above it; `attached` tells what each of them has itself.
    #[must_use]
    pub fn of_node(
        path: &Path,
        attached: impl Fn(&Path) -> NotificationAttributes,
        defaults: &ServerDefaults,
    ) -> Self {
        let levels = core::iter::successors(Some(*path), Path::parent);
        let chain: Vec<_> = levels.map(|level| (Origin::Attached(level), attached(&level))).collect();
        Self::resolve(&chain, defaults)
    }

    /// The attributes of an Observe that brings its own (LwM2M Core 1.2 §6.4.1): all attached ones are ignored.
    /// The defaults of the server stay, since they are made for an observation without the parameter.
    #[must_use]
    pub fn of_parameters(parameters: &NotificationAttributes, defaults: &ServerDefaults) -> Self {
        Self::resolve(&[(Origin::ObserveParameter, *parameters)], defaults)
    }

    /// The attributes of one member of an Observe-Composite that brings its own (LwM2M Core 1.2 §6.4.4). They
    /// replace what an object can have for all members; gt, lt, st and edge belong to the member and stay.
    #[must_use]
    pub fn with_composite_parameters(
        self,
        parameters: &NotificationAttributes,
        defaults: &ServerDefaults,
    ) -> Self {
        let Self { gt, lt, st, edge, .. } = self;
        Self { gt, lt, st, edge, ..Self::of_parameters(parameters, defaults) }
    }

    /// Those that are attached somewhere, which is what a Discover of the node shows (LwM2M Core §6.3.2).
    #[must_use]
    pub fn attached(&self) -> NotificationAttributes {
        fn value<T>(resolved: Option<Resolved<T>>) -> Option<T> {
            resolved
                .filter(|resolved| matches!(resolved.origin, Origin::Attached(_)))
                .map(|found| found.value)
        }
        NotificationAttributes {
            pmin: value(self.pmin),
            pmax: value(self.pmax),
            gt: value(self.gt),
            lt: value(self.lt),
            st: value(self.st),
            epmin: value(self.epmin),
            epmax: value(self.epmax),
            edge: value(self.edge),
            con: value(self.con),
            hqmax: value(self.hqmax),
        }
    }

    /// What is set, with its origin, in the order of the standard's table.
    #[must_use]
    pub fn list(&self) -> Vec<(Attribute, Resolved<AttributeValue>)> {
        fn entry<T>(
            attribute: Attribute,
            resolved: Option<Resolved<T>>,
            value: fn(T) -> AttributeValue,
        ) -> Option<(Attribute, Resolved<AttributeValue>)> {
            resolved.map(|found| (attribute, Resolved { value: value(found.value), origin: found.origin }))
        }
        let entries = [
            entry(Attribute::Pmin, self.pmin, AttributeValue::Integer),
            entry(Attribute::Pmax, self.pmax, AttributeValue::Integer),
            entry(Attribute::Gt, self.gt, AttributeValue::Float),
            entry(Attribute::Lt, self.lt, AttributeValue::Float),
            entry(Attribute::St, self.st, AttributeValue::Float),
            entry(Attribute::Epmin, self.epmin, AttributeValue::Integer),
            entry(Attribute::Epmax, self.epmax, AttributeValue::Integer),
            entry(Attribute::Edge, self.edge, AttributeValue::Edge),
            entry(Attribute::Con, self.con, AttributeValue::Boolean),
            entry(Attribute::Hqmax, self.hqmax, AttributeValue::Integer),
        ];
        entries.into_iter().flatten().collect()
    }

    /// What of the list is in force: [`EffectiveAttributes::ignored`] says why the rest is not.
    #[must_use]
    pub fn in_force(&self) -> Vec<(Attribute, Resolved<AttributeValue>)> {
        let mut list = self.list();
        list.retain(|(attribute, _)| match attribute {
            Attribute::Pmax => self.pmax_in_force().is_some(),
            Attribute::Gt | Attribute::Lt | Attribute::St => self.threshold_inconsistency().is_none(),
            Attribute::Epmax => self.epmax_in_force().is_some(),
            _ => true,
        });
        list
    }

    /// What is set and all the same not in force, and why.
    #[must_use]
    pub fn ignored(&self) -> Vec<Ignored> {
        let period = self.pmax.and_then(|pmax| match (pmax.value, self.pmin.map_or(0, |pmin| pmin.value)) {
            (0, _) => Some(Ignored::NoMaximumPeriod),
            // LwM2M Core 1.2 §5.1.2: equal values are valid and give a strict period.
            (pmax, pmin) if pmax < pmin => Some(Ignored::MaximumPeriodBelowMinimum { pmin, pmax }),
            _ => None,
        });
        let thresholds = self.threshold_inconsistency().map(Ignored::ChangeValueConditions);
        let evaluation = self.evaluation_inconsistency().map(Ignored::MaximumEvaluationPeriod);
        [period, thresholds, evaluation].into_iter().flatten().collect()
    }

    /// The maximum period in force, if there is one.
    #[must_use]
    pub fn pmax_in_force(&self) -> Option<u32> {
        let pmin = self.pmin.map_or(0, |pmin| pmin.value);
        self.pmax.map(|pmax| pmax.value).filter(|pmax| *pmax != 0 && *pmax >= pmin)
    }

    /// gt, lt and st as far as they are in force: together or, when they contradict each other, not at all.
    #[must_use]
    pub fn thresholds_in_force(&self) -> (Option<f64>, Option<f64>, Option<f64>) {
        match self.threshold_inconsistency() {
            Some(_) => (None, None, None),
            None => self.thresholds(),
        }
    }

    /// The maximum evaluation period in force, if there is one.
    #[must_use]
    pub fn epmax_in_force(&self) -> Option<u32> {
        self.epmax.map(|epmax| epmax.value).filter(|_| self.evaluation_inconsistency().is_none())
    }

    fn thresholds(&self) -> (Option<f64>, Option<f64>, Option<f64>) {
        let value = |resolved: Option<Resolved<f64>>| resolved.map(|found| found.value);
        (value(self.gt), value(self.lt), value(self.st))
    }

    fn threshold_inconsistency(&self) -> Option<Inconsistency> {
        let (gt, lt, st) = self.thresholds();
        Inconsistency::of_thresholds(gt, lt, st)
    }

    fn evaluation_inconsistency(&self) -> Option<Inconsistency> {
        let value = |resolved: Option<Resolved<u32>>| resolved.map(|found| found.value);
        Inconsistency::of_evaluation_periods(value(self.epmin), value(self.epmax))
    }
}

/// Why attributes that are set are not in force.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Ignored {
    /// `pmax=0`.
    NoMaximumPeriod,
    MaximumPeriodBelowMinimum {
        pmin: u32,
        pmax: u32,
    },
    /// gt, lt and st, which come from several levels and do not go together.
    ChangeValueConditions(Inconsistency),
    /// epmax, which comes from another level than epmin and does not go with it.
    MaximumEvaluationPeriod(Inconsistency),
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMaximumPeriod => f.write_str("pmax is 0, which means no maximum period"),
            Self::MaximumPeriodBelowMinimum { pmin, pmax } => {
                write!(f, "pmax is ignored, since it is below pmin: pmin={pmin} and pmax={pmax}")
            }
            Self::ChangeValueConditions(inconsistency) => {
                write!(f, "gt, lt and st are ignored: {inconsistency}")
            }
            Self::MaximumEvaluationPeriod(inconsistency) => write!(f, "epmax is ignored: {inconsistency}"),
        }
    }
}

fn first<T>(
    chain: &[(Origin, NotificationAttributes)],
    wanted: impl Fn(&NotificationAttributes) -> Option<T>,
) -> Option<Resolved<T>> {
    chain.iter().find_map(|(origin, set)| Some(Resolved { value: wanted(set)?, origin: *origin }))
}

fn default<T>(value: Option<T>, resource: u16) -> Option<Resolved<T>> {
    value.map(|value| Resolved { value, origin: Origin::ServerObject { resource } })
}
