//! The parts of the server page.

mod addresses_card;
mod devices_card;
mod health_card;
mod limits_card;
mod programs_card;
mod simulated_card;
mod storage_card;
mod traffic_card;

pub(crate) use addresses_card::AddressesCard;
pub(crate) use devices_card::DevicesCard;
pub(crate) use health_card::HealthCard;
pub(crate) use limits_card::LimitsCard;
pub(crate) use programs_card::ProgramsCard;
pub(crate) use simulated_card::SimulatedCard;
pub(crate) use storage_card::StorageCard;
pub(crate) use traffic_card::TrafficCard;
