"""The gateway: the only HTTP face. It knows contracts and chassis, never a service's inside."""
