//! What planning a change of access control costs beside decoding what the devices have: `cargo xtask bench access-control`.
//!
//! The argument is the compact registry. Nothing is sent: what a device answers to Read /2 is decoded, the rules say what
//! is wanted of it, and the Writes that lead there are found.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

use lwm2m_codec::{ContentFormat, Path, Record, Value, decode, encode};
use lwm2m_model::{
    Registry,
    access_control::{
        AccessControlInstance, AccessControlPlan, AccessControlRule, AccessRights, instances_in, ruled,
    },
};

const DEVICES: u16 = 1_000;
const INSTANCES: u16 = 50;

/// This server.
const US: u16 = 101;

/// The median of so many.
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let registry = env::args_os().nth(1).ok_or("say where the registry is")?;
    let registry = Registry::from_bytes(&fs::read(registry)?)?;
    let rules = rules();
    let devices: Vec<_> = (0..DEVICES).map(instances).collect();
    let payloads = devices.iter().map(|device| payload(device)).collect::<Result<Vec<_>, _>>()?;
    let read = || {
        let read = |payload: &Vec<u8>| decode(ContentFormat::TLV, &Path::object(2), payload, &registry);
        payloads.iter().filter_map(|payload| Some(instances_in(&read(payload).ok()?).0.len())).sum()
    };
    let plan = || {
        let writes = |device: &Vec<AccessControlInstance>| {
            AccessControlPlan::new(US, device, &ruled(&rules, device).wanted, true).writes.len()
        };
        devices.iter().map(writes).sum()
    };
    let (decoding, instances) = median(read);
    let (planning, writes) = median(plan);
    println!("{DEVICES} devices with {instances} instances of Object 2, {} rules", rules.len());
    println!("decoding what they have   {:8.2} ms", millis(decoding));
    println!("planning {writes:6} Writes    {:8.2} ms", millis(planning));
    println!("planning / decoding       {:8.2}", planning.as_secs_f64() / decoding.as_secs_f64());
    Ok(())
}

/// Every second instance of a device is to become another one.
fn rules() -> Vec<AccessControlRule> {
    let rule = |object| {
        let acl = [(102, AccessRights::READ | AccessRights::EXECUTE)].into();
        AccessControlRule { object, instance: None, acl, replace: false, owner: None }
    };
    (0..INSTANCES).step_by(2).map(|object| rule(3300 + object)).collect()
}

fn instances(device: u16) -> Vec<AccessControlInstance> {
    let guard = |id: u16| {
        let acl = BTreeMap::from([
            (US, AccessRights::ALL_OF_INSTANCE),
            (102, AccessRights::READ),
            (103 + device % 7, AccessRights::READ),
        ]);
        AccessControlInstance { id, object: 3300 + id, instance: device % 3, owner: US, acl }
    };
    (0..INSTANCES).map(guard).collect()
}

fn payload(device: &[AccessControlInstance]) -> Result<Vec<u8>, lwm2m_codec::EncodeError> {
    let records = |guard: &AccessControlInstance| {
        let number = |path, number: u16| Record::new(path, Value::Integer(number.into()));
        let resource = |id| Path::resource(2, guard.id, id);
        let entry = |(server, rights): (&u16, &AccessRights)| {
            number(Path::resource_instance(2, guard.id, 2, *server), rights.bits())
        };
        let mut records = vec![number(resource(0), guard.object), number(resource(1), guard.instance)];
        records.extend(guard.acl.iter().map(entry));
        records.push(number(resource(3), guard.owner));
        records
    };
    let records: Vec<_> = device.iter().flat_map(records).collect();
    encode(ContentFormat::TLV, &Path::object(2), &records)
}

fn median(work: impl Fn() -> usize) -> (Duration, usize) {
    let mut made = 0;
    let mut took: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            made = black_box(work());
            begun.elapsed()
        })
        .collect();
    took.sort();
    (took[ROUNDS / 2], made)
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
