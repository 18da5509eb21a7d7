//! The endpoint against hand-written peers and against itself, on virtual time.

mod arbitrary;
mod bench;
mod block1_receiving;
mod block1_sending;
mod block2_receiving;
mod block2_sending;
mod blockwise_notification;
mod combined;
mod exchange;
mod limits;
mod message_layer;
mod network;
mod observed;
mod observer;
mod responder;
