use std::{collections::BTreeMap, sync::Arc, time::Duration};

use lwm2m_codec::{Path, Value, registration::LwM2mVersion};
use lwm2m_core::client::{Client, ClientConfig, ObjectTree, Retry};
use lwm2m_model::Registry;

use crate::dice::Dice;

pub(crate) const TEMPERATURE: Path = Path::resource(3303, 0, 5700);
pub(crate) const TIME_ZONE: Path = Path::resource(3, 0, 15);
pub(crate) const REBOOT: Path = Path::resource(3, 0, 4);
pub(crate) const RESET_MIN_MAX: Path = Path::resource(3303, 0, 5605);

/// Longest lifetime of a device, and so how long the server may go on believing in one that is gone.
pub(crate) const LONGEST_LIFETIME_S: u64 = 120;
/// Longest pause between two attempts to register.
pub(crate) const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// A client, and what the model knows of it.
pub(crate) struct Device {
    pub(crate) endpoint: String,
    pub(crate) client: Client,
    /// Its own address, and where the server sees it.
    pub(crate) port: u16,
    pub(crate) seen_at: u16,
    /// Whether it should be registered.
    pub(crate) started: bool,
    /// Without power nothing reaches it.
    pub(crate) powered: bool,
    /// How many lives it has had; what happened in one is forgotten in the next.
    pub(crate) life: u32,
    /// Every temperature it has had. Each is higher than the one before.
    pub(crate) temperatures: Vec<f64>,
    /// What was written to the time zone, in order.
    pub(crate) written: Vec<String>,
    /// How often each argument was executed, and in which life.
    pub(crate) executed: BTreeMap<String, Vec<u32>>,
}

impl Device {
    pub(crate) fn new(number: u16, registry: &Arc<Registry>, dice: &mut Dice) -> Self {
        let endpoint = format!("urn:device:{number}");
        let client = Client::new(config(&endpoint, dice), tree(registry, dice), dice.seed());
        let port = 40_000 + number * 1_000;
        Self {
            endpoint,
            client,
            port,
            seen_at: port,
            started: false,
            powered: true,
            life: 0,
            temperatures: vec![0.0],
            written: vec!["UTC".to_owned()],
            executed: BTreeMap::new(),
        }
    }

    /// Loses everything that is not in the object tree.
    pub(crate) fn lose_power(&mut self, dice: &mut Dice) {
        let (config, tree) = (self.client.config().clone(), self.client.tree().clone());
        self.client = Client::new(config, tree, dice.seed());
        self.powered = false;
        self.life += 1;
    }

    pub(crate) fn temperature(&self) -> f64 {
        *self.temperatures.last().unwrap()
    }
}

fn config(endpoint: &str, dice: &mut Dice) -> ClientConfig {
    ClientConfig {
        version: if dice.one_in(3) { LwM2mVersion::V1_0 } else { LwM2mVersion::V1_1 },
        confirmable_every: if dice.one_in(2) { 1 } else { 10 },
        retry: Retry::Doubling { first: Duration::from_secs(2), longest: LONGEST_RETRY },
        ..ClientConfig::new(endpoint)
    }
}

fn tree(registry: &Arc<Registry>, dice: &mut Dice) -> ObjectTree {
    let mut tree = ObjectTree::new(Arc::clone(registry));
    let lifetime_s = i64::try_from(dice.draw(40..LONGEST_LIFETIME_S)).unwrap();
    for (path, value) in [
        (Path::resource(1, 0, 0), Value::Integer(1)),
        (Path::resource(1, 0, 1), Value::Integer(lifetime_s)),
        // What cannot be notified is not kept: the model is about the present.
        (Path::resource(1, 0, 6), Value::Boolean(false)),
        (Path::resource(1, 0, 7), Value::String("U".into())),
        (Path::resource(3, 0, 0), Value::String("ACME".into())),
        (TIME_ZONE, Value::String("UTC".into())),
        (TEMPERATURE, Value::Float(0.0)),
    ] {
        tree.insert(path, value).unwrap();
    }
    tree.insert_executable(REBOOT).unwrap();
    tree.insert_executable(RESET_MIN_MAX).unwrap();
    tree
}
