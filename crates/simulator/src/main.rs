//! `lwm2m-simulator`

fn main() -> anyhow::Result<()> {
    lwm2m_simulator::main()
}
