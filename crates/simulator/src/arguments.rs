use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Parser, ValueEnum, builder::ArgPredicate};
use lwm2m_codec::registration::LwM2mVersion;
use serde::Deserialize;

use crate::{
    objects::Fault,
    profile::Profile,
    scenario::{Group, MOST_DEVICES, Scenario, Transmission, check_prefix},
    security::{Certificate, Psk, RawPublicKey, Security},
    server_address::ServerAddress,
};

/// A fleet of simulated LwM2M devices. They register, move their values and answer the server.
#[derive(Clone, Debug, Parser)]
#[command(name = "lwm2m-simulator", version)]
pub(crate) struct Arguments {
    /// The LwM2M Server
    #[arg(long, default_value = "coap://127.0.0.1:5683", value_name = "URI")]
    pub(crate) server: ServerAddress,

    /// Groups of devices and what happens to them, as JSON; in place of the options below
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_ONE_GROUP)]
    pub(crate) scenario: Option<PathBuf>,

    /// Have the devices told their servers by this Bootstrap-Server, which --psk, --rpk or --x509 is for then
    #[arg(long, value_name = "URI", conflicts_with = "server")]
    bootstrap: Option<ServerAddress>,

    /// Give the devices the accounts of this file (JSON) from the start; % in its texts stands for the endpoint name
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "bootstrap", "credential"])]
    factory: Option<PathBuf>,

    /// The image of the smartcard in the slot of a device, which may come, change and go; % in the name stands for the
    /// endpoint name
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    smartcard: Option<PathBuf>,

    /// Write the accounts of --factory as the image of a smartcard, and end
    #[arg(long, value_name = "FILE", requires = "factory")]
    pub(crate) write_smartcard: Option<PathBuf>,

    /// A file with definitions of further objects (DDF XML or JSON), whose ids can then be used; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) definitions: Vec<PathBuf>,

    /// Vanish at the end, as if the power had failed, instead of de-registering
    #[arg(long)]
    pub(crate) no_deregister: bool,

    /// How many devices to simulate
    #[arg(long, default_value_t = 24, default_value_if("name", ArgPredicate::IsPresent, "1"), value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DEVICES)))]
    clients: u32,

    /// Name the devices PREFIX1, PREFIX2 and so on, instead of by serial number, IMEI or UUID
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    prefix: Option<String>,

    /// The exact endpoint name of a single device
    #[arg(long, value_name = "NAME", value_parser = prefix, conflicts_with = "prefix")]
    name: Option<String>,

    /// How often the values of a device move while they are observed, in milliseconds
    #[arg(long, default_value_t = 1000, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..=86_400_000))]
    period_ms: u64,

    /// Lifetime of a registration in seconds
    #[arg(long, default_value_t = 300, value_name = "S", value_parser = clap::value_parser!(u32).range(1..))]
    lifetime: u32,

    /// Which LwM2M the devices speak
    #[arg(long, default_value = "1.1", value_name = "VERSION")]
    lwm2m: Enabler,

    /// The devices sleep while they have nothing to say
    #[arg(long)]
    queue_mode: bool,

    /// How long they listen then after each message, in seconds
    #[arg(long, default_value_t = 93, value_name = "S", value_parser = clap::value_parser!(u32).range(1..))]
    awake_s: u32,

    /// Another seed makes other devices; the same seed makes the same ones
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,

    /// What kind of devices: a mixed demo fleet, or all of one kind
    #[arg(long, default_value = "demo")]
    profile: Profile,

    /// An object of the registry that the devices have besides; may be repeated
    #[arg(long = "object", value_name = "ID")]
    objects: Vec<u16>,

    /// Connect with a pre-shared key, in hexadecimal; % in the identity stands for the endpoint name
    #[arg(long, value_name = "IDENTITY:KEY", group = "credential")]
    psk: Option<Psk>,

    /// Connect with the raw public key of a private one, to a server that has this public key (PEM files); % in a file
    /// name stands for the endpoint name
    #[arg(long, value_name = "KEY,SERVER", group = "credential")]
    rpk: Option<RawPublicKey>,

    /// Connect with a certificate and its private key, to a server that this authority has signed (PEM files); % in a
    /// file name stands for the endpoint name
    #[arg(long, value_name = "CERTIFICATE,KEY,AUTHORITY", group = "credential")]
    x509: Option<Certificate>,

    /// What goes wrong when the server updates the firmware
    #[arg(long, value_name = "FAULT")]
    firmware_fault: Option<Fault>,

    /// Other transmission parameters than RFC 7252 §4.8 has by default (2,4,100), in seconds: how long the devices wait
    /// for answers and commands follows from them
    #[arg(long, value_name = "ACK_TIMEOUT,MAX_RETRANSMIT,MAX_LATENCY")]
    transmission: Option<Transmission>,
}

/// The options that describe one group, which a scenario describes by itself.
const OF_ONE_GROUP: [&str; 20] = [
    "factory",
    "smartcard",
    "write_smartcard",
    "bootstrap",
    "name",
    "clients",
    "prefix",
    "period_ms",
    "lifetime",
    "lwm2m",
    "queue_mode",
    "awake_s",
    "seed",
    "profile",
    "objects",
    "psk",
    "rpk",
    "x509",
    "firmware_fault",
    "transmission",
];

/// Which LwM2M the devices of a group speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
pub(crate) enum Enabler {
    #[value(name = "1.0")]
    #[serde(rename = "1.0")]
    V1_0,
    #[default]
    #[value(name = "1.1")]
    #[serde(rename = "1.1")]
    V1_1,
    #[value(name = "1.2")]
    #[serde(rename = "1.2")]
    V1_2,
    /// One after the other.
    #[serde(rename = "mixed")]
    Mixed,
}

impl Arguments {
    /// The fleet that the options describe.
    pub(crate) fn scenario(&self) -> anyhow::Result<Scenario> {
        if let Some(path) = &self.scenario {
            return Scenario::read(path);
        }
        if self.name.is_some() && self.clients != 1 {
            bail!("expected one device with --name, got --clients {}", self.clients);
        }
        let group = Group {
            count: self.clients,
            endpoint: self.name.clone(),
            bootstrap: self.bootstrap.clone(),
            factory: self.factory.clone(),
            smartcard: self.smartcard.clone(),
            profile: self.profile,
            lwm2m: self.lwm2m,
            lifetime_s: self.lifetime,
            queue_mode: self.queue_mode,
            awake_s: self.awake_s,
            period_ms: self.period_ms,
            prefix: self.prefix.clone(),
            seed: Some(self.seed),
            objects: self.objects.clone(),
            security: self.security(),
            firmware_fault: self.firmware_fault,
            transmission: self.transmission,
            ..Group::named("fleet")
        };
        Scenario { seed: self.seed, groups: vec![group], events: Vec::new() }.checked()
    }
}

impl Arguments {
    /// The name and the factory data of the card to write.
    pub(crate) fn factory(&self) -> Option<(&str, &Path)> {
        Some((self.name.as_deref().unwrap_or("%"), self.factory.as_deref()?))
    }

    fn security(&self) -> Option<Security> {
        let psk = self.psk.clone().map(Security::Psk);
        let rpk = self.rpk.clone().map(Security::RawPublicKey);
        psk.or(rpk).or(self.x509.clone().map(Security::Certificate))
    }
}

impl Enabler {
    /// What the device with this number speaks.
    pub(crate) fn version(self, number: u32) -> LwM2mVersion {
        const ALL: [LwM2mVersion; 3] = [LwM2mVersion::V1_0, LwM2mVersion::V1_1, LwM2mVersion::V1_2];
        match self {
            Self::V1_0 => LwM2mVersion::V1_0,
            Self::V1_1 => LwM2mVersion::V1_1,
            Self::V1_2 => LwM2mVersion::V1_2,
            Self::Mixed => ALL[number as usize % ALL.len()],
        }
    }
}

fn prefix(text: &str) -> Result<String, String> {
    check_prefix(text).map(|()| text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn bad_arguments_are_refused() {
        for bad in [
            &["--clients", "0"][..],
            &["--server", "coap+tcp://host"],
            &["--psk", "identity"],
            &["--psk", "a:00", "--rpk", "k.pem,s.pem"],
            &["--lwm2m", "2.0"],
            &["--lifetime", "0"],
            &["--period-ms", "5"],
            &["--profile", "toaster"],
            &["--prefix", ""],
            &["--firmware-fault", "gremlins"],
            &["--scenario", "x.json", "--clients", "3"],
            &["--bootstrap", "coap://a", "--server", "coap://b"],
            &["--bootstrap", "coap://a", "--factory", "f.json"],
            &["--factory", "f.json", "--psk", "a:00"],
            &["--write-smartcard", "card"],
        ] {
            let arguments = ["lwm2m-simulator"].iter().chain(bad);
            assert!(Arguments::try_parse_from(arguments).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_of_one_device() {
        let count = |more: &[&str]| {
            let arguments = ["lwm2m-simulator", "--name", "a"].iter().chain(more);
            Arguments::try_parse_from(arguments).unwrap().scenario().map(|scenario| scenario.groups[0].count)
        };
        assert_eq!((count(&[]).unwrap(), count(&["--clients", "1"]).unwrap()), (1, 1));
        assert!(count(&["--clients", "2"]).unwrap_err().to_string().contains("got --clients 2"));
    }

    #[test]
    fn c_013_versions_are_selectable_one_by_one_or_mixed() {
        let version = |text: &str, number| {
            let arguments = ["lwm2m-simulator", "--lwm2m", text];
            Arguments::try_parse_from(arguments).unwrap().lwm2m.version(number).to_string()
        };
        for text in ["1.0", "1.1", "1.2"] {
            assert_eq!([version(text, 0), version(text, 7)], [text, text]);
        }
        assert_eq!([0, 1, 2, 3].map(|number| version("mixed", number)), ["1.0", "1.1", "1.2", "1.0"]);
    }
}
