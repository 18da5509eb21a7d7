//! Which instances are written: those that are given, those of the same server, else free ones.
//!
//! The account that the device has with the Bootstrap-Server is never written over by accident.

use std::collections::BTreeSet;

use lwm2m_codec::{Node, Path, Value};

use super::{AccessControl, Account, Resources, discovered::Discovered, failure};
use crate::bootstrap_server::Failure;

const SECURITY: u16 = 0;
const SERVER: u16 = 1;
const ACCESS_CONTROL: u16 = 2;

/// The instances of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instances {
    pub(super) security: u16,
    /// None for the account of the Bootstrap-Server.
    pub(super) server: Option<u16>,
}

/// The instances of all accounts. `left` is what the device still has.
pub(super) fn of_accounts(accounts: &[Account], left: &Discovered) -> Result<Vec<Instances>, Failure> {
    let own: BTreeSet<u16> = left.bootstrap_accounts().collect();
    let given = accounts.iter().filter_map(|account| account.security_instance);
    let mut security = Choice::new(SECURITY, given, left)?;
    let servers = || accounts.iter().filter(|account| !account.bootstrap_server);
    let mut server = Choice::new(SERVER, servers().filter_map(|account| account.server_instance), left)?;
    let mut chosen = Vec::new();
    for account in accounts {
        let id = short_server_id(account);
        let instance = match account.security_instance {
            Some(given) if own.contains(&given) && !account.bootstrap_server => {
                return Err(failure::own_account(&Path::instance(SECURITY, given)));
            }
            Some(given) => given,
            None if account.bootstrap_server => security.take(|instance| own.contains(&instance)),
            None => security.take(|instance| security_of(left, instance) == id && id.is_some()),
        };
        let server = (!account.bootstrap_server).then(|| match account.server_instance {
            Some(given) => given,
            None => server.take(|instance| server_of(left, instance) == id && id.is_some()),
        });
        chosen.push(Instances { security: instance, server });
    }
    Ok(chosen)
}

/// The instances of the Access Control Object.
pub(super) fn of_access_control(all: &[AccessControl], left: &Discovered) -> Result<Vec<u16>, Failure> {
    let given = all.iter().filter_map(|access_control| access_control.instance);
    let mut choice = Choice::new(ACCESS_CONTROL, given, left)?;
    let chosen = all.iter().map(|access_control| match access_control.instance {
        Some(given) => given,
        None => choice.take(|_| false),
    });
    Ok(chosen.collect())
}

/// The Short Server ID of an account: `/0/x/10`, which is `/1/y/0` too.
pub(super) fn short_server_id(account: &Account) -> Option<u16> {
    number(&account.security, 10).or_else(|| number(&account.server, 0))
}

fn number(resources: &Resources, resource: u16) -> Option<u16> {
    match resources.get(&resource).and_then(Node::value)? {
        Value::Integer(number) => u16::try_from(*number).ok(),
        Value::Unsigned(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

fn security_of(left: &Discovered, instance: u16) -> Option<u16> {
    left.short_server_id(&Path::instance(SECURITY, instance))
}

fn server_of(left: &Discovered, instance: u16) -> Option<u16> {
    left.short_server_id(&Path::instance(SERVER, instance))
}

/// The instances of one Object that can be taken.
struct Choice {
    /// What the device has and nobody has taken.
    there: BTreeSet<u16>,
    /// What cannot be taken as free.
    occupied: BTreeSet<u16>,
}

impl Choice {
    fn new(object: u16, given: impl Iterator<Item = u16>, left: &Discovered) -> Result<Self, Failure> {
        let mut occupied = BTreeSet::new();
        for instance in given {
            if !occupied.insert(instance) {
                return Err(failure::given_twice(&Path::instance(object, instance)));
            }
        }
        let there = left.instances_of(object).filter(|instance| !occupied.contains(instance)).collect();
        occupied.extend(left.instances_of(object));
        Ok(Self { there, occupied })
    }

    /// The first that is there and meant, else the first that is free.
    fn take(&mut self, meant: impl Fn(u16) -> bool) -> u16 {
        if let Some(instance) = self.there.iter().copied().find(|instance| meant(*instance)) {
            self.there.remove(&instance);
            return instance;
        }
        // There are fewer instances than ids.
        let free = (0..u16::MAX).find(|instance| !self.occupied.contains(instance)).unwrap_or_default();
        self.occupied.insert(free);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: i64, security_instance: Option<u16>) -> Account {
        let resource = |number| [(number, Node::Value(Value::Integer(id)))].into();
        Account { security: resource(10), server: resource(0), security_instance, ..Account::default() }
    }

    fn bootstrap_account() -> Account {
        Account { bootstrap_server: true, ..Account::default() }
    }

    fn chosen(accounts: &[Account], left: &str) -> Vec<(u16, Option<u16>)> {
        let left = Discovered::parse(left.as_bytes()).unwrap();
        let chosen = of_accounts(accounts, &left).unwrap();
        chosen.into_iter().map(|instances| (instances.security, instances.server)).collect()
    }

    #[test]
    fn without_knowledge_accounts_are_numbered() {
        let two = [account(101, None), account(102, None)];
        assert_eq!(chosen(&two, ""), [(0, Some(0)), (1, Some(1))]);
        let given = [account(101, None), account(102, Some(0)), bootstrap_account()];
        assert_eq!(chosen(&given, ""), [(1, Some(0)), (0, Some(1)), (2, None)]);
    }

    #[test]
    fn free_ids_are_found_around_what_is_there() {
        let two = [account(101, None), account(102, None)];
        let left = "</0/0>,</0/2>;ssid=7,</1/0>;ssid=7";
        assert_eq!(chosen(&two, left), [(1, Some(1)), (3, Some(2))]);
    }

    #[test]
    fn the_same_server_keeps_its_instances() {
        let left = "</0/0>,</0/3>;ssid=102,</1/5>;ssid=101,</1/0>;ssid=102";
        assert_eq!(chosen(&[account(102, None)], left), [(3, Some(0))]);
        assert_eq!(chosen(&[account(101, None), account(102, None)], left), [(1, Some(5)), (3, Some(0))]);
        // Two instances have the id of one server.
        let left = "</0/0>;ssid=1,</0/1>;ssid=1,</0/2>,</1/0>;ssid=1";
        assert_eq!(chosen(&[account(1, None), account(1, None)], left), [(0, Some(0)), (1, Some(1))]);
    }

    #[test]
    fn our_own_account_is_replaced_only_on_purpose() {
        let left = Discovered::parse(b"</0/4>,</0/0>;ssid=1").unwrap();
        let refused = of_accounts(&[account(101, Some(4))], &left).unwrap_err();
        assert!(refused.what.contains("/0/4"), "{refused:?}");
        let chosen = of_accounts(&[bootstrap_account()], &left).unwrap();
        assert_eq!(chosen, [Instances { security: 4, server: None }]);
        let given = Account { security_instance: Some(4), ..bootstrap_account() };
        assert!(of_accounts(&[given], &left).is_ok());
    }

    #[test]
    fn an_id_is_given_once() {
        let twice = [account(1, Some(2)), account(2, Some(2))];
        assert!(of_accounts(&twice, &Discovered::default()).unwrap_err().what.contains("/0/2"));
        let all =
            [Some(1), None, None].map(|instance| AccessControl { instance, ..AccessControl::default() });
        let left = Discovered::parse(b"</2/0>").unwrap();
        assert_eq!(of_access_control(&all, &left).unwrap(), [1, 2, 3]);
        assert!(of_access_control(&[all[0].clone(), all[0].clone()], &left).is_err());
    }
}
