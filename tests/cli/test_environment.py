"""Environment variables that look like options, but do not match any."""

from wyoming_piper_serial.cli.environment import unknown_variables


def test_misspelt_variable_is_named_with_the_right_one() -> None:
    """A variable that has the program's prefix, but is not an option, causes a warning that suggests a similar name."""
    found = unknown_variables({"WYOMING_PIPER_SERIAL_VOCIE": "x", "WYOMING_PIPER_SERIAL_7": "", "PATH": "/bin"})
    assert found == [
        ("The environment variable WYOMING_PIPER_SERIAL_7 is not used: there is no such option."),
        (
            "The environment variable WYOMING_PIPER_SERIAL_VOCIE is not used: there is no such option. "
            "Did you mean WYOMING_PIPER_SERIAL_VOICE?"
        ),
    ]


def test_known_variables_cause_no_warning() -> None:
    """The variables for options and for the config file cause no warning. Neither do those that Kubernetes sets for a
    service with the name of this program."""
    known = {
        **dict.fromkeys(("WYOMING_PIPER_SERIAL_CONFIG", "WYOMING_PIPER_SERIAL_HTTP_URI"), ""),
        "WYOMING_PIPER_SERIAL_SERVICE_HOST": "10.0.0.1",
        "WYOMING_PIPER_SERIAL_SERVICE_PORT_WYOMING": "10200",
        "WYOMING_PIPER_SERIAL_PORT": "tcp://10.0.0.1:10200",
        "WYOMING_PIPER_SERIAL_PORT_10200_TCP_ADDR": "10.0.0.1",
    }
    assert unknown_variables(known) == []
