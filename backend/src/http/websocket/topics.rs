use std::collections::BTreeSet;

use console_api::{ApiError, Details, Topic};

use super::{
    access_control_runs::AccessControlRuns, bootstraps::Bootstraps, commands::CommandRows, limits,
    window::Window,
};
use crate::fleet::News;

/// What a console has on its screen.
#[derive(Default)]
pub(super) struct Topics {
    pub(super) fleet: Option<Window>,
    pub(super) devices: BTreeSet<String>,
    pub(super) commands: Option<CommandRows>,
    pub(super) bootstraps: Bootstraps,
    pub(super) access_control_runs: AccessControlRuns,
}

impl Topics {
    pub(super) fn is_empty(&self) -> bool {
        self.fleet.is_none()
            && self.devices.is_empty()
            && self.commands.is_none()
            && self.bootstraps.is_empty()
            && self.access_control_runs.followed.is_empty()
    }

    pub(super) fn all(&self) -> Vec<Topic> {
        let fleet = self.fleet.iter().map(|window| Topic::Fleet(window.view.clone()));
        let commands = self.commands.iter().map(|rows| Topic::Commands(rows.view.clone()));
        let bootstraps = self.bootstraps.view.iter().cloned().map(Topic::BootstrapSessions);
        let bootstraps = bootstraps.chain(self.bootstraps.followed.ids().map(Topic::BootstrapSession));
        let devices = self.devices.iter().cloned().map(Topic::Device);
        let runs = self.access_control_runs.followed.ids().map(Topic::AccessControlRun);
        fleet.chain(devices).chain(commands).chain(bootstraps).chain(runs).collect()
    }

    pub(super) fn add(&mut self, topic: &Topic) -> Result<(), ApiError> {
        match topic {
            Topic::Fleet(view) => {
                let query = &view.query;
                check([
                    Some(&query.text),
                    query.binding.as_ref(),
                    query.version.as_ref(),
                    query.tag.as_ref(),
                ])?;
                self.fleet = Some(Window::new(view.clone()));
            }
            Topic::Device(endpoint) => {
                if self.devices.len() >= limits::DEVICES && !self.devices.contains(endpoint) {
                    let got = "one more".to_owned();
                    let expected = format!("at most {} devices", limits::DEVICES);
                    return Err(refused("a console follows no more devices at once", expected, got));
                }
                self.devices.insert(endpoint.clone());
            }
            Topic::Commands(view) => {
                check([Some(&view.query.text), view.query.endpoint.as_ref()])?;
                self.commands = Some(CommandRows::new(view.clone()));
            }
            Topic::BootstrapSessions(view) => {
                check([Some(&view.query.text), view.query.endpoint.as_ref()])?;
                self.bootstraps.show(view.clone());
            }
            Topic::BootstrapSession(id) => {
                if !self.bootstraps.followed.follow(*id) {
                    let expected = format!("at most {} sessions", limits::BOOTSTRAPS);
                    let message = "a console follows no more bootstrap sessions at once";
                    return Err(refused(message, expected, "one more".to_owned()));
                }
            }
            Topic::AccessControlRun(id) => {
                if !self.access_control_runs.followed.follow(*id) {
                    let expected = format!("at most {} runs", limits::ACCESS_CONTROL_RUNS);
                    let message = "a console follows no more access control runs at once";
                    return Err(refused(message, expected, "one more".to_owned()));
                }
            }
            Topic::Trace(_) => {}
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, topic: &Topic) {
        match topic {
            Topic::Fleet(_) => self.fleet = None,
            Topic::Device(endpoint) => drop(self.devices.remove(endpoint)),
            Topic::Commands(_) => self.commands = None,
            Topic::BootstrapSessions(_) => self.bootstraps.hide(),
            Topic::BootstrapSession(id) => self.bootstraps.followed.leave(*id),
            Topic::AccessControlRun(id) => self.access_control_runs.followed.leave(*id),
            Topic::Trace(_) => {}
        }
    }

    /// What belongs to no device is for everyone, whatever is on the screen: definitions, for example.
    pub(super) fn has_device(&self, news: &News) -> bool {
        news.row.as_ref().is_none_or(|row| self.devices.contains(row.endpoint()))
    }
}

fn check<'a>(texts: impl IntoIterator<Item = Option<&'a String>>) -> Result<(), ApiError> {
    let got: usize = texts.into_iter().flatten().map(String::len).sum();
    if got > limits::QUERY_BYTES {
        let expected = format!("at most {} bytes of text", limits::QUERY_BYTES);
        return Err(refused("the query is too long", expected, format!("{got}")));
    }
    Ok(())
}

fn refused(message: &str, expected: String, got: String) -> ApiError {
    let details = Some(Details { expected, got });
    ApiError { code: "bad_request".to_owned(), message: message.to_owned(), details }
}

#[cfg(test)]
mod tests {
    use console_api::{ClientQuery, FleetView};

    use super::*;

    #[test]
    fn topics_are_bounded() {
        let mut topics = Topics::default();
        for i in 0..limits::DEVICES {
            topics.add(&Topic::Device(i.to_string())).unwrap();
        }
        topics.add(&Topic::Device("0".into())).unwrap();
        assert!(topics.add(&Topic::Device("x".into())).is_err());
        topics.remove(&Topic::Device("0".into()));
        topics.add(&Topic::Device("x".into())).unwrap();
        let text = "x".repeat(limits::QUERY_BYTES + 1);
        let query = ClientQuery { text, ..ClientQuery::default() };
        let refused = topics.add(&Topic::Fleet(FleetView { query, ..FleetView::default() })).unwrap_err();
        assert_eq!(refused.details.unwrap().got, "1025");
        assert!(topics.fleet.is_none());
    }
}
