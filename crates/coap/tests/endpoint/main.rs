//! The endpoint against hand-written peers and against itself, on virtual time.

mod arbitrary;
mod bench;
mod block1;
mod block2;
mod exchange;
mod limits;
mod message_layer;
mod network;
mod observed;
mod observer;
mod responder;
