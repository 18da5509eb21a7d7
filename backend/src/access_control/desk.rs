use std::sync::Arc;

use console_api::{
    AccessAnswer, AccessControl, AccessControlApplied, AccessControlPlan, AccessControlWanted,
    AccessQuestion, ClientQuery,
};
use lwm2m_codec::Path;
use lwm2m_model::access_control::{AccessControlContext, Registered, Requester};
use store::Audit;
use tokio::sync::Semaphore;

use super::{AccessControlError, device::Device, limits, runs::Runs, told, wish::Wish};
use crate::{clock::Clock, documents::Documents, fleet::Fleet, http, objects::Objects, runtime::Operations};

/// What operators ask about access control.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(super) fleet: Arc<Fleet>,
    pub(super) objects: Arc<Objects>,
    pub(super) operations: Operations,
    pub(super) documents: Documents,
    pub(super) clock: Clock,
    pub(crate) runs: Arc<Runs>,
    /// Devices that runs work on.
    pub(super) turns: Arc<Semaphore>,
}

impl Desk {
    pub(crate) fn new(fleet: Arc<Fleet>, objects: Arc<Objects>, documents: Documents, runs: Runs) -> Self {
        let (operations, clock) = (documents.operations.clone(), documents.clock);
        let turns = Arc::new(Semaphore::new(limits::DEVICES_AT_ONCE));
        Self { fleet, objects, operations, documents, clock, runs: Arc::new(runs), turns }
    }

    /// As the device says now.
    pub(crate) async fn read(
        &self,
        endpoint: &str,
        author: String,
        server: Option<u16>,
    ) -> Result<AccessControl, AccessControlError> {
        Ok(Device::new(self, endpoint, author)?.look(server).await?.told)
    }

    pub(crate) async fn plan(
        &self,
        endpoint: &str,
        author: String,
        wanted: &AccessControlWanted,
    ) -> Result<AccessControlPlan, AccessControlError> {
        let device = Device::new(self, endpoint, author)?;
        Wish::new(&device, wanted).await?.plan()
    }

    pub(crate) async fn apply(
        &self,
        endpoint: &str,
        author: String,
        wanted: &AccessControlWanted,
    ) -> Result<AccessControlApplied, AccessControlError> {
        let device = Device::new(self, endpoint, author)?;
        Wish::new(&device, wanted).await?.apply().await
    }

    /// Whether a server may do that, by the rules of the standard.
    pub(crate) async fn evaluate(
        &self,
        endpoint: &str,
        author: String,
        question: &AccessQuestion,
        path: Path,
    ) -> Result<AccessAnswer, AccessControlError> {
        let asked = told::operation(question.operation, path)?;
        let device = Device::new(self, endpoint, author)?;
        let looked = device.look(None).await?;
        let server = question.server.or(looked.told.server).ok_or(AccessControlError::UnknownServer)?;
        let mut context = looked.context;
        if let Some(instances) = &question.instances {
            let instances = told::wanted(instances)?;
            context = AccessControlContext { enabled: !instances.is_empty(), instances, ..context };
        }
        context.servers.insert(server);
        let registry = self.objects.registry();
        let model = http::model(&registry, Some(&device.registration));
        let presence = Registered { objects: &device.registration.links.objects, model: &model };
        Ok(told::answer(server, &context.decide(Requester::Server(server), &asked, &presence)))
    }

    /// Those that match now.
    pub(super) async fn endpoints(&self, query: ClientQuery) -> Vec<String> {
        let found = self.fleet.find(query).await;
        found.iter().map(|row| row.endpoint().to_owned()).collect()
    }

    pub(super) fn audit(&self, author: &str, what: &str, endpoint: Option<&str>, details: String) -> Audit {
        Audit {
            at: self.clock.now(),
            author: author.to_owned(),
            what: what.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            details,
        }
    }
}
