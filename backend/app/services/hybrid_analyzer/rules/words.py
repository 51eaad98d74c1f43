"""Closed word lists that several rule families share."""

from app.services.hybrid_analyzer.word_set import word_set

UNCOUNTABLE = word_set(
    "advice information homework furniture knowledge equipment luggage baggage traffic news money weather "
    "music bread rice water progress research software evidence employment housework clothing jewellery "
    "electricity transport pollution fun luck rubbish garbage scenery machinery vocabulary slang"
)
"""Nouns that standard English neither counts nor makes plural (some only in the sense learners mean)."""

NEVER_PLURAL = {
    "informations": "information",
    "advices": "advice",
    "homeworks": "homework",
    "furnitures": "furniture",
    "knowledges": "knowledge",
    "equipments": "equipment",
    "luggages": "luggage",
    "baggages": "baggage",
    "housework's": "housework",
    "houseworks": "housework",
    "traffics": "traffic",
    "sceneries": "scenery",
    "softwares": "software",
    "hardwares": "hardware",
    "feedbacks": "feedback",
    "stuffs": "stuff",
    "slangs": "slang",
    "pollutions": "pollution",
    "trainings": "training",
    "musics": "music",
    "moneys": "money",
    "weathers": "weather",
    "progresses": "progress",
    "childrens": "children",
    "peoples": "people",
    "mens": "men",
    "womens": "women",
    "clothings": "clothes",
}
"""Plural forms learners build, with the form to use."""

PLURAL_SINGULAR_FORM = word_set(
    "news physics mathematics maths economics politics ethics athletics gymnastics series species means "
    "states netherlands headquarters thanks lots lens bus gas class business process"
)
"""Words in -s whose agreement a rule should not judge."""

COLLECTIVE = word_set(
    "family team police government group staff class crowd couple pair majority minority number lot rest "
    "half most audience committee company band public army crew generation data media press "
    "variety range none"
)
"""Nouns that may take either agreement."""

CAUSATIVE = word_set(
    "let make help see watch hear have feel notice observe suggest recommend insist demand require "
    "propose ask wish want"
)
"""Verbs after which a noun or pronoun may be followed by a bare verb form."""

FREQUENCY_ADVERBS = word_set(
    "always usually often also never sometimes really just only still already even mostly "
    "normally generally actually probably definitely rarely hardly now"
)
"""Adverbs that stand between a subject and its verb."""

PAST_TIME = word_set("yesterday ago last before past previously once")
"""Words that suggest a past time, in which a bare verb may be a wrong past rather than a wrong present."""

ONLY_VERBS = word_set(
    "go eat learn improve know be become get make take buy see have speak understand find listen write meet "
    "choose forget remember enjoy spend sell send bring tell teach explain describe communicate prepare read "
    "watch visit give do say develop create think"
)
"""Base forms that are hardly ever nouns where learners use them."""
