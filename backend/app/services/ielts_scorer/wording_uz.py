"""How a criterion's band is explained in Uzbek (Latin)."""

from decimal import Decimal

from app.services.ielts_scorer.errors import DETECTION_RATE
from app.services.ielts_scorer.wording import Wording

UZBEK = Wording(
    names={
        "fluency_coherence": "Ravonlik va izchillik",
        "lexical_resource": "So‘z boyligi",
        "grammatical_range_accuracy": "Grammatika",
        "pronunciation": "Talaffuz",
    },
    measures={
        "speech_rate_wpm": "daqiqasiga {0:.0f} ta so‘z aytdingiz",
        "articulation_rate_sps": "soniyasiga {0:.1f} bo‘g‘in tezlikda gapirdingiz",
        "mean_length_run": "pauzalar orasida o‘rtacha {0:.1f} bo‘g‘in aytdingiz",
        "mid_clause_pauses_per_100w": "har 100 so‘zda {0:.1f} marta ibora o‘rtasida to‘xtadingiz",
        "long_pauses_per_100w": "har 100 so‘zda {0:.1f} marta bir soniya yoki undan uzoq jim qoldingiz",
        "mid_clause_pause_ratio": "pauzalaringizning {1:.0f} foizi ibora o‘rtasiga to‘g‘ri keldi",
        "marker_types_per_100w": "har 100 so‘zda {0:.1f} xil bog‘lovchi so‘z ishlatdingiz",
        "basic_marker_share": "bog‘lovchi so‘zlaringizning {1:.0f} foizi eng oddiylari bo‘ldi",
        "words_per_longer_answer": "uzunroq javoblaringizda o‘rtacha {0:.0f} ta so‘z bo‘ldi",
        "mtld": "so‘zlaringizning xilma-xilligi (MTLD) {0:.0f} bo‘ldi",
        "mattr50": "har 50 so‘zdan {2:.0f} tasi har xil bo‘ldi",
        "beyond_a1_share": "mazmunli so‘zlaringizning {1:.0f} foizi boshlang‘ich (A1) darajadan yuqori",
        "b2_plus_share": "turli mazmunli so‘zlaringizning {1:.0f} foizi B2 yoki undan yuqori darajada",
        "structure_types_per_100w": "har 100 so‘zda {0:.1f} xil grammatik qurilma ishlatdingiz",
        "clauses_per_unit": "bir gapda o‘rtacha {0:.1f} ta sodda gap bo‘ldi",
        "words_per_unit": "gapning o‘rtacha uzunligi {0:.0f} ta so‘z bo‘ldi",
        "unclear_share": "so‘zlaringizning {1:.0f} foizini tanish qiyin bo‘ldi",
        "rated_pronunciation": "ekspertlar baholaridan o‘rgangan model talaffuzga 100 dan {0:.0f} qo‘ydi",
        "median_probability": "odatdagi so‘z {1:.0f} foiz ishonch bilan tanildi",
    },
    unjudged={
        "fluency_coherence": "Fikrlaringiz bir-biridan kelib chiqish-chiqmasligini faqat o‘quvchi odam ayta "
        "oladi, bu yerda u baholanmaydi.",
        "lexical_resource": "Har bir so‘z o‘rinli bo‘lgan-bo‘lmaganini faqat o‘quvchi odam ayta oladi, bu "
        "yerda u baholanmaydi.",
        "grammatical_range_accuracy": f"Qoidalarimiz taxminan har {1 / DETECTION_RATE:.0f} ta xatodan faqat "
        "bittasini topadi, shuning uchun tuzatishlarning kamligi xato kam degani emas; to‘g‘rilik bu ballni "
        "pasaytirishi mumkin, lekin hech qachon ko‘tarmaydi.",
        "pronunciation": "Aksentingiz baholanmaydi, faqat so‘zlaringiz qanchalik aniq eshitilishi "
        "baholanadi; urg‘u, ritm va ohang hozircha alohida baholanmaydi. Baholar modeli tilga olingan "
        "bo‘lsa, u ovoz chiqarib matn o‘qigan boshqa odamlardan o‘rgangan; u oz narsa aytadi va hech "
        "narsani yolg‘iz o‘zi hal qilmaydi.",
    },
    worth={Decimal("0.5"): "yarim ball", Decimal(1): "bir ball", Decimal("1.5"): "bir yarim ball"},
    last_and="va",
    estimated="{name} bo‘yicha taxminiy ballingiz {band}, ehtimol {low} va {high} oralig‘ida.",
    ranged="{name} bo‘yicha ballingiz, ehtimol, {low} va {high} oralig‘ida.",
    too_short="Aniq bitta ball uchun nutq juda kam bo‘ldi: taxminan 90 soniya va 150 ta so‘z kerak.",
    far_too_short="Ball haqida biror narsa aytish uchun nutq juda kam bo‘ldi: kamida 30 soniya kerak.",
    nothing="Buni baholash uchun asos bo‘lmadi: ovoz saqlanmagan yoki birorta so‘z tanilmagan.",
    measured="O‘lchandi: {measures}.",
    allowed="Yozuvning o‘zida so‘zlarning {heard} foizini tanish qiyin edi; farq shovqin yoki tor aloqa "
    "kanali bilan izohlanadi, shuning uchun oraliq kengroq.",
    all_met="Eng yuqori ball talab qiladigan hamma narsa bajarildi.",
    next_unjudged="{reached} ball talablari bajarildi; {next} ballga olib boradigan narsalarning hech birini "
    "baholab bo‘lmadi.",
    not_enough="{reached} ball talablari bajarildi, {next} ballga olib boradigan narsalarning {share} foizi "
    "ham, ammo bu ko‘prog‘iga yetmaydi.",
    counts="{reached} ball talablari bajarildi, {next} ballga olib boradigan narsalarning {share} foizi ham; "
    "bu yana {worth} qo‘shadi (oraliqni o‘zimiz hisoblaymiz).",
    all_judged="{reached} ball talablari bajarildi, {next} ballga olib boradigan narsalardan bu yerda "
    "baholanadigani ham to‘liq; bu yana {worth} qo‘shadi (oraliqni o‘zimiz hisoblaymiz).",
    carries="Ballni ko‘taryapti: {features}.",
    holds="To‘sqinlik qilyapti: {features}.",
    also_asks="{next} ball yana talab qiladi: {features}.",
    judged="Til modeli ma’noga bog‘liq belgilardan {judged} tasini o‘z so‘zlaringizga tayanib baholadi va "
    "{moved} tasining holatini o‘zgartirdi; u har birini faqat bir pog‘ona sura oladi va ball qo‘ymaydi.",
    span="Oraliq bunday ko‘rsatkichlar uchraydigan ballarning o‘rtadagi 80 foizini va har tomonga kamida "
    "yarim ballni oladi; qancha kam gapirsangiz, shuncha keng bo‘ladi.",
)
