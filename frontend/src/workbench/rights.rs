use console_api::{AccessControl, AccessOperation};
use leptos::prelude::*;
use lwm2m_codec::Path;
use lwm2m_model::access_control::Registered;

use super::Workbench;
use crate::access_control::{self, ACCESS_CONTROL, Answer, Question, Rights};
use crate::api::Failure;

impl Workbench {
    /// Takes what the server knows of the device's access control. The device is not asked.
    pub(crate) fn look_up_rights(self) {
        let endpoint = self.endpoint();
        leptos::task::spawn_local(async move {
            // Without it the page says nothing of rights.
            if let Ok(access) = access_control::known(&endpoint).await {
                self.take_rights(&endpoint, &access);
            }
        });
    }

    /// Asks the device who may do what.
    pub(crate) async fn read_rights(self) -> Result<(), Failure> {
        let endpoint = self.endpoint();
        self.reading_rights.set(true);
        let read = access_control::read(&endpoint, None).await;
        self.reading_rights.try_set(false);
        self.take_rights(&endpoint, &read?);
        Ok(())
    }

    fn take_rights(self, endpoint: &str, access: &AccessControl) {
        // The page may have been left meanwhile.
        if self.endpoint.try_get_value().as_deref() == Some(endpoint) {
            self.rights.set(Rights::known(access));
        }
    }

    /// Whether the device says who may do what.
    pub(crate) fn has_access_control(self) -> bool {
        self.announced.with(|objects| objects.contains_key(&ACCESS_CONTROL))
    }

    /// Why the device would refuse an operation to this server, by what is known of its access control.
    pub(crate) fn refusal(self, operation: AccessOperation, path: Path) -> Option<Answer> {
        self.rights.with(|rights| {
            let rights = rights.as_ref()?;
            self.announced.with(|objects| {
                self.live.with_model(|model| {
                    rights.refusal(Question { operation, path }, &Registered { objects, model })
                })
            })
        })
    }
}
