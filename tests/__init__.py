"""Tests of wyoming_piper_serial. Importing this package switches off telemetry before other libraries are imported."""

import wyoming_piper_serial as wyoming_piper_serial
