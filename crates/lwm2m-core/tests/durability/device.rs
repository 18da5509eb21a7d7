use std::{sync::Arc, time::Duration};

use coap::Instant;
use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{Client, ClientConfig, ObjectTree, Retry};
use lwm2m_model::Registry;

use crate::dice::Dice;

pub(crate) const TEMPERATURE: Path = Path::resource(3303, 0, 5700);
pub(crate) const TIME_ZONE: Path = Path::resource(3, 0, 15);
pub(crate) const RESET_MIN_MAX: Path = Path::resource(3303, 0, 5605);

/// How long a device in queue mode listens after it has sent or received something.
const AWAKE: Duration = Duration::from_secs(93);
pub(crate) const LONGEST_LIFETIME_S: u64 = 600;
/// Longest pause between two attempts to register.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// A client, and what the model knows of it.
pub(crate) struct Device {
    pub(crate) endpoint: String,
    pub(crate) client: Client,
    pub(crate) lifetime: Duration,
    /// Its own address, and where the server sees it.
    pub(crate) port: u16,
    pub(crate) seen_at: u16,
    /// Whether it should be registered.
    pub(crate) started: bool,
    pub(crate) powered: bool,
    /// When the server acknowledged its Register or last Update, in this life.
    pub(crate) renewed_at: Option<Instant>,
    /// In queue mode: until when it listens.
    awake_until: Instant,
    /// How many lives it has had; what happened in one is forgotten in the next.
    pub(crate) life: u32,
    /// Each is higher than the one before.
    pub(crate) temperature: f64,
    /// What was performed: the numbers of commands and in which life.
    pub(crate) executed: Vec<(u64, u32)>,
    pub(crate) written: Vec<u64>,
}

impl Device {
    pub(crate) fn new(number: u16, registry: &Arc<Registry>, dice: &mut Dice) -> Self {
        let endpoint = format!("urn:device:{number}");
        let lifetime = Duration::from_secs(dice.draw(250..LONGEST_LIFETIME_S));
        let config = ClientConfig {
            version: if dice.one_in(3) { LwM2mVersion::V1_0 } else { LwM2mVersion::V1_1 },
            queue_mode: dice.one_in(2),
            confirmable_every: if dice.one_in(2) { 1 } else { 10 },
            retry: Retry::Doubling { first: Duration::from_secs(2), longest: LONGEST_RETRY },
            ..ClientConfig::new(&endpoint)
        };
        let port = 40_000 + number * 1_000;
        Self {
            client: Client::new(config, tree(registry, lifetime), dice.seed()),
            endpoint,
            lifetime,
            port,
            seen_at: port,
            started: false,
            powered: true,
            renewed_at: None,
            awake_until: Instant::from_millis(0),
            life: 0,
            temperature: 0.0,
            executed: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Loses everything that is not in the object tree.
    pub(crate) fn lose_power(&mut self, dice: &mut Dice) {
        let (config, tree) = (self.client.config().clone(), self.client.tree().clone());
        self.client = Client::new(config, tree, dice.seed());
        self.powered = false;
        self.renewed_at = None;
        self.life += 1;
    }

    pub(crate) fn listens(&self, now: Instant) -> bool {
        self.powered && (!self.client.config().queue_mode || now < self.awake_until)
    }

    pub(crate) fn stay_awake(&mut self, now: Instant) {
        self.awake_until = now + AWAKE;
    }

    /// Whether the server has to know it, if it keeps what it acknowledges. The acknowledgement may have taken
    /// MAX_TRANSMIT_WAIT to come.
    pub(crate) fn must_be_known(&self, now: Instant) -> bool {
        let in_time = |renewed: Instant| now + AWAKE < renewed + self.lifetime;
        self.started && self.powered && self.client.is_registered() && self.renewed_at.is_some_and(in_time)
    }
}

fn tree(registry: &Arc<Registry>, lifetime: Duration) -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::clone(registry));
    let lifetime_s = i64::try_from(lifetime.as_secs()).unwrap();
    for (path, value) in [
        (Path::resource(1, 0, 0), Value::Integer(1)),
        (Path::resource(1, 0, 1), Value::Integer(lifetime_s)),
        (Path::resource(1, 0, 6), Value::Boolean(false)),
        (Path::resource(1, 0, 7), Value::String("U".into())),
        (Path::resource(3, 0, 0), Value::String("ACME".into())),
        (TIME_ZONE, Value::String("UTC".into())),
        (TEMPERATURE, Value::Float(0.0)),
    ] {
        tree.insert(path, value).unwrap();
    }
    tree.insert_executable(RESET_MIN_MAX).unwrap();
    tree
}
