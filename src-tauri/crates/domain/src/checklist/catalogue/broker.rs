//! Checks answered by RabbitMQ's management API and by Redis.
//!
//! The management API is read with an allow-list of paths; no message is taken and no key is read.

use super::CheckSource::Broker;
use super::{Check, HEALTH_HOURS, check};

pub(super) const CHECKS: &[Check] = &[
    check(
        "rabbitmq.reachable",
        Broker,
        "RabbitMQ answers",
        "Does the broker run without alarms in a supported version?",
    )
    .fresh(HEALTH_HOURS)
    .words(&[
        "rabbitmq server",
        "rabbitmq connection detail",
        "rabbitmq configured",
        "message broker",
        "rabbitmq running",
    ]),
    check(
        "rabbitmq.management.reachable",
        Broker,
        "Management address",
        "Does the management address answer and refuse the default login?",
    )
    .words(&["rabbitmq management", "management ui", "management accessible"]),
    check("rabbitmq.queues.expected", Broker, "Queues", "Do all queues of the list exist?").words(&[
        "queue created",
        "queue configured",
        "queue declared",
        "queue consumer",
        "rabbitmq queue",
    ]),
    check("rabbitmq.queue.*", Broker, "Queue", "Does this queue exist, durable, running and with a consumer?"),
    check(
        "rabbitmq.exchanges.expected",
        Broker,
        "Exchanges",
        "Do all exchanges of the list exist, each with a binding?",
    )
    .words(&["exchange configured", "exchange created", "rabbitmq exchange"]),
    check("rabbitmq.dlq.configured", Broker, "Dead letters", "Do rejected messages reach a durable queue?")
        .words(&["dead letter", "dlq"]),
    check(
        "rabbitmq.permissions.app_user",
        Broker,
        "Broker user",
        "May the application's user do no more than it needs?",
    )
    .partial("The patterns are the intended ones")
    .words(&["rabbitmq user permission", "rabbitmq permission", "broker permission"]),
    check(
        "rabbitmq.limits.connections",
        Broker,
        "Connection limits",
        "Is a connection limit set, and kept by a fifth?",
    )
    .words(&["rabbitmq connection limit", "connection limit"]),
    check("rabbitmq.consumers.prefetch", Broker, "Prefetch", "Does every consumer take a bounded number of messages?")
        .words(&["prefetch count", "prefetch"]),
    check(
        "rabbitmq.connections.app",
        Broker,
        "Application's connection",
        "Is the application connected and not blocked?",
    )
    .fresh(HEALTH_HOURS)
    .words(&["rabbitmq connection active", "rabbitmq connection", "broker connection"]),
    check("rabbitmq.message_flow", Broker, "Message flow", "Did messages pass between two samples?")
        .fresh(HEALTH_HOURS)
        .partial("They were the messages of the test")
        .words(&["rabbitmq message", "event publishing", "message handling", "message flow", "message processed"]),
    check("redis.ping", Broker, "Redis", "Does Redis answer, ask for a password, and keep its memory policy?")
        .fresh(HEALTH_HOURS)
        .words(&["redis"]),
];
