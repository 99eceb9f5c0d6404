"""The whole product on one machine, without containers: engines, services and gateway as supervised processes."""
