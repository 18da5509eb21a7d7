use std::collections::BTreeSet;

use coap::{Instant, Options, Token, option_number};
use lwm2m_codec::{
    ContentFormat, Path, Record, Value,
    attributes::{EffectiveAttributes, NotificationAttributes},
};
use lwm2m_model::notification::{NodeState, ResourceState, Verdict};

use super::{attributes::InForce, history::History, limits, object_tree::ObjectTree};

/// What is observed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Observed {
    Node(Path),
    /// The paths of an Observe-Composite (LwM2M 1.1 Core §6.4.4), sorted. They may not even exist yet.
    Composite(Vec<Path>),
}

/// What an Observe asks for.
#[derive(Clone, Debug)]
pub(super) struct Observe {
    pub(super) token: Token,
    /// The format asked for.
    pub(super) format: Option<ContentFormat>,
    /// The attributes it brings (LwM2M 1.2 Core §6.4.1).
    pub(super) parameters: Option<NotificationAttributes>,
    /// The options that name what is observed, by which the further blocks of a long notification are asked for.
    pub(super) resource: Options,
}

/// How an observation stands with its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Live,
    /// The registration it belonged to is lost. What would have been notified is kept.
    Interrupted,
    /// There is a new registration. What was kept waits for the server to observe again.
    AwaitsObserve,
}

/// One observation of one server.
#[derive(Debug)]
pub(super) struct Observation {
    pub(super) observe: Observe,
    pub(super) standing: Standing,
    /// When to notify.
    pub(super) state: NodeState,
    pub(super) history: History,
    /// `con=1` for anything that is reported.
    always_confirmable: bool,
    /// Non-confirmable notifications since the last confirmable one.
    unconfirmed: u32,
    confirmable_at: Instant,
}

/// The options of a request that name what it observes.
pub(super) fn resource(request: &Options) -> Options {
    let names = [option_number::URI_PATH, option_number::URI_QUERY, option_number::ACCEPT];
    let named = request.iter().filter(|(number, _)| names.contains(number));
    named.fold(Options::new(), |options, (number, value)| options.with(number, value))
}

impl Observed {
    pub(super) fn composite(mut paths: Vec<Path>) -> Self {
        paths.sort_unstable();
        paths.dedup();
        Self::Composite(paths)
    }

    /// The path to speak of; the root for several.
    pub(super) const fn path(&self) -> Path {
        match self {
            Self::Node(path) => *path,
            Self::Composite(_) => Path::ROOT,
        }
    }

    pub(super) fn paths(&self) -> &[Path] {
        match self {
            Self::Node(path) => core::slice::from_ref(path),
            Self::Composite(paths) => paths,
        }
    }

    /// The readable values of all that is observed.
    pub(super) fn records(&self, tree: &ObjectTree) -> Vec<Record> {
        let mut records: Vec<Record> = self.paths().iter().flat_map(|path| tree.records(path)).collect();
        if let Self::Composite(_) = self {
            // The paths may overlap.
            records.sort_by_key(|record| record.path);
            records.dedup_by_key(|record| record.path);
        }
        records
    }

    /// The attributes in force for one of the nodes that are reported.
    fn attributes(
        &self,
        in_force: &InForce<'_>,
        path: &Path,
        parameters: Option<&NotificationAttributes>,
    ) -> EffectiveAttributes {
        match (self, parameters) {
            (Self::Composite(_), Some(parameters)) => {
                in_force.attributes(path, None).with_composite_parameters(parameters, &in_force.defaults())
            }
            _ => in_force.attributes(path, parameters),
        }
    }

    /// Whether a change at `changed` concerns it.
    pub(super) fn is_touched_by(&self, changed: &Path) -> bool {
        self.paths().iter().any(|path| changed.starts_with(path) || path.starts_with(changed))
    }
}

impl Observation {
    /// Whether it is the one the server knows by this token.
    pub(super) fn is_named(&self, token: Token) -> bool {
        self.standing == Standing::Live && self.observe.token == token
    }

    pub(super) fn begin(now: Instant, observed: &Observed, observe: Observe, in_force: &InForce<'_>) -> Self {
        let records = observed.records(in_force.tree);
        let members = records.iter().map(|record| {
            let attributes = observed.attributes(in_force, &record.path, observe.parameters.as_ref());
            (record.path, in_force.conditions(&attributes), &record.value)
        });
        let mut fresh = Self {
            state: NodeState::start(now.as_millis(), members),
            observe,
            standing: Standing::Live,
            history: History::default(),
            always_confirmable: false,
            unconfirmed: 0,
            confirmable_at: now,
        };
        fresh.refresh(observed, in_force);
        fresh
    }

    pub(super) fn sample(
        &mut self,
        now: Instant,
        observed: &Observed,
        changes: &BTreeSet<Path>,
        in_force: &InForce<'_>,
    ) {
        let now_ms = now.as_millis();
        let records = observed.records(in_force.tree);
        let present: BTreeSet<Path> = records.iter().map(|record| record.path).collect();
        let gone: Vec<Path> =
            self.state.members().map(|(path, _)| *path).filter(|path| !present.contains(path)).collect();
        for path in gone {
            self.state.remove(&path);
        }
        for record in &records {
            if !self.state.is_member(&record.path) {
                let parameters = self.observe.parameters.as_ref();
                let attributes = observed.attributes(in_force, &record.path, parameters);
                self.always_confirmable |= attributes.con.is_some_and(|con| con.value);
                self.state.insert(now_ms, record.path, in_force.conditions(&attributes));
            } else if changes.iter().any(|changed| record.path.starts_with(changed)) {
                self.state.sample(now_ms, record.path, &record.value);
            }
        }
    }

    pub(super) fn refresh(&mut self, observed: &Observed, in_force: &InForce<'_>) {
        self.always_confirmable = false;
        let members: Vec<Path> = self.state.members().map(|(path, _)| *path).collect();
        for path in members {
            let attributes = observed.attributes(in_force, &path, self.observe.parameters.as_ref());
            // LwM2M 1.2 Core §5.1.2: con=1 anywhere in what is reported.
            self.always_confirmable |= attributes.con.is_some_and(|con| con.value);
            self.state.set_conditions(&path, in_force.conditions(&attributes));
        }
    }

    pub(super) fn is_due(&mut self, now: Instant, current: &dyn Fn(&Path) -> Option<Value>) -> bool {
        let now_ms = now.as_millis();
        let reached = self.state.next_deadline().is_some_and(|deadline| deadline.at_ms <= now_ms);
        reached && matches!(self.state.handle_timeout(now_ms, current), Verdict::Send(_))
    }

    /// Counts a notification; returns whether it is to be confirmable.
    pub(super) fn count(&mut self, now: Instant, confirmable_every: u32) -> bool {
        self.unconfirmed += 1;
        let silence = now.saturating_duration_since(self.confirmable_at);
        // RFC 7641 §4.5: at least every 24 hours, to find out whether the observer is still interested.
        let confirmable = self.always_confirmable
            || self.unconfirmed >= confirmable_every
            || silence >= limits::CONFIRMABLE_AT_LEAST_EVERY;
        if confirmable {
            (self.unconfirmed, self.confirmable_at) = (0, now);
        }
        confirmable
    }

    /// Keeps the current values instead of sending them.
    pub(super) fn store(&mut self, at: Instant, observed: &Observed, in_force: &InForce<'_>) {
        self.keep(at, observed.records(in_force.tree), observed, in_force);
    }

    /// Keeps what was sent last, since it did not arrive.
    pub(super) fn store_sent(&mut self, observed: &Observed, in_force: &InForce<'_>) {
        let last_sent = |(path, member): (&Path, &ResourceState)| {
            let (at_ms, value) = member.last_sent()?;
            Some((Instant::from_millis(at_ms), Record::new(*path, value.clone())))
        };
        let sent: Vec<(Instant, Record)> = self.state.members().filter_map(last_sent).collect();
        for (at, record) in sent {
            self.keep(at, vec![record], observed, in_force);
        }
    }

    fn keep(&mut self, at: Instant, records: Vec<Record>, observed: &Observed, in_force: &InForce<'_>) {
        let parameters = self.observe.parameters.as_ref();
        let hqmax =
            |path: &Path| observed.attributes(in_force, path, parameters).hqmax.map(|hqmax| hqmax.value);
        self.history.push(at, records, hqmax);
    }
}
