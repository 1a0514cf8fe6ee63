"""The tests. This package is imported before the libraries whose telemetry it switches off."""

import wyoming_piper_serial as wyoming_piper_serial
