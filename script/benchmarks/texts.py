"""Texts that the benchmarks send to the servers."""

SHORT = "Turned on the lights in the kitchen."
MIDDLE = "The washing machine is done, and the dryer needs about twenty more minutes to finish the second load."
LONG = (
    "The weather tomorrow begins with fog in the valleys and a light wind from the west, and by noon the sun comes "
    "through, while it gets as warm as eighteen degrees, before in the evening clouds move in from the sea and "
    "after midnight there will be some rain in the hills."
)
PASSAGE = (
    "The museum opens at ten in the morning and closes at six, but on Thursdays it stays open until nine, and on the "
    "first Sunday of the month you can look around without a ticket."
)
FOUR = (SHORT, MIDDLE, PASSAGE, LONG)
"""Four texts of different lengths. Each has one sentence."""
REPORT = (
    "The weather tomorrow begins with fog in the valleys and a light wind from the west. By noon the sun comes "
    "through, and it gets as warm as eighteen degrees. In the evening clouds move in from the sea, and after "
    "midnight there will be some rain. On Wednesday it stays cool, with showers in the morning and a few bright "
    "hours in the afternoon. The rest of the week looks dry, mild and calm, so you can hang out the washing, paint "
    "the fence and sow the beans. That was the weather; the news follows at eight, and after it the concert from the "
    "town hall, with music for strings and for wind instruments by three composers of the last century."
)
"""A text of six sentences, about half a minute of speech."""
VARIED = (
    *("Yes.", "Good morning!", "The door is open.", "It is twenty past nine.", "Shall I turn off the radio now?"),
    *("No.", "Timer set.", "Playing jazz in the living room.", "I did not understand that.", "Good night."),
    *(SHORT, MIDDLE, LONG, "Your next appointment is at the dentist on Thursday at a quarter to four."),
    *("There are three lights on upstairs, and one in the garage.", "Stop!", "Welcome home, dinner is at seven."),
    "I have added milk, bread, butter and a dozen eggs to your shopping list.",
    "The train to the airport leaves at six fifteen from platform two and takes forty minutes.",
    *("Unknown command.", "The battery of the motion sensor is low.", "Doors locked.", "Two new messages."),
    "Somebody rang the bell while you were out; a picture has been saved for you.",
    "Heating the bathroom to twenty two degrees until eight.",
    "It looks like rain, so you may want to close the windows before you leave the house this afternoon.",
    *("Coffee is ready.", "Volume forty percent.", "The alarm is armed.", "See you later, and have a nice day."),
)
