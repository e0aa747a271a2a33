/** A people whose names the demo's directory has. Names stand with the Latin letters that their logins are made of, where they are not Latin. */
export interface People {
  language: string;
  site: string;
  timeZone: string;
  /** Whether the family's name stands first, and what parts the two. */
  order: "given-first" | "family-first" | "family-first-unspaced";
  /** `name` or `name/latin`, by blanks; `_` is a blank within a name. */
  given: string;
  family: string;
}

const place = (language: string, site: string, timeZone: string, order: People["order"] = "given-first") => ({
  language,
  site,
  timeZone,
  order,
});

/** The peoples of the demo's directory. */
export const peoples: readonly People[] = [
  {
    ...place("en-US", "New York", "America/New_York"),
    given: "Maria James Olivia Noah Emma Liam Sophia Mason Ava Ethan Isabella",
    family: "Johnson Smith Williams Brown Garcia Miller Davis Wilson Anderson",
  },
  {
    ...place("en-US", "San Francisco", "America/Los_Angeles"),
    given: "Chloe Lucas Mia Daniel Zoë Renée Andre Jasmine Tyler",
    family: "Nguyen Martinez Lee Thompson White Harris Clark Lewis",
  },
  {
    ...place("en-GB", "London", "Europe/London"),
    given: "Charlotte Oliver Amelia Harry Isla George Freya Arthur Siân Rhys",
    family: "Taylor Evans Hughes Walker Wright Robinson Ashworth-Green Llewellyn",
  },
  {
    ...place("en-IE", "Dublin", "Europe/Dublin"),
    given: "Aoife Seán Niamh Cillian Róisín Pádraig Sinéad Éamon",
    family: "O'Brien O'Sullivan Murphy Ní_Dhomhnaill Ó_Briain Fitzgerald McCarthy",
  },
  {
    ...place("de-DE", "Berlin", "Europe/Berlin"),
    given: "Jürgen Petra Björn Käthe Sören Ursula Hans-Peter Anneliese Günther Lena Jonas",
    family: "Müller Schmidt Mueller Schäfer Weiß Groß Köhler Strauß Goethe",
  },
  {
    ...place("de-AT", "Wien", "Europe/Vienna"),
    given: "Franz Theresia Jörg Marlies Wolfgang Eva-Maria Lukas Hannah",
    family: "Gruber Größl Pölzl Huber Steindl Wöß Hofer",
  },
  {
    ...place("fr-FR", "Paris", "Europe/Paris"),
    given: "Anne-Marie François Zoé Jérôme Hélène Noël Gaëlle Loïc Jean-Baptiste",
    family: "Lefèvre D'Angelo Bézier Garçon Hébert Œuvrard Dupont Lemaître",
  },
  {
    ...place("es-ES", "Madrid", "Europe/Madrid"),
    given: "María_José Ángel Begoña Iñigo Lucía Raúl Íñaki Pilar Álvaro",
    family: "Muñoz Peña García_López de_la_Cruz Núñez Ibáñez Gutiérrez",
  },
  {
    ...place("pt-BR", "São Paulo", "America/Sao_Paulo"),
    given: "João Conceição Antônio Luísa Thiago Beatriz Estêvão Inês",
    family: "Gonçalves Araújo dos_Santos Simões Magalhães Brandão",
  },
  {
    ...place("nl-NL", "Amsterdam", "Europe/Amsterdam"),
    given: "Daan Femke Joëlle Sjoerd Maartje Thijs Anouk Ruben",
    family: "van_der_Berg de_Vries Jansen 't_Hart van_Dijk IJsselstein",
  },
  {
    ...place("sv-SE", "Stockholm", "Europe/Stockholm"),
    given: "Åsa Göran Märta Sören Ingrid Håkan Linnéa Örjan",
    family: "Ångström Sjöberg Åkesson Löfgren Björk Lindqvist",
  },
  {
    ...place("nb-NO", "Oslo", "Europe/Oslo"),
    given: "Bjørn Åse Sigrid Øystein Kåre Ragnhild Håvard Solveig",
    family: "Ødegård Kjær Næss Sæther Haugen Bråten",
  },
  {
    ...place("is-IS", "Reykjavík", "Atlantic/Reykjavik"),
    given: "Þóra Guðrún Ægir Sigurður Björk Ólafur",
    family: "Þórsdóttir Guðmundsson Ævarsson Jónsdóttir",
  },
  {
    ...place("pl-PL", "Kraków", "Europe/Warsaw"),
    given: "Łukasz Małgorzata Paweł Zofia Stanisław Agnieszka Wojciech Bożena",
    family: "Wałęsa Żółkiewski Dąbrowska Świątek Kowalczyk Łoś",
  },
  {
    ...place("cs-CZ", "Praha", "Europe/Prague"),
    given: "Tomáš Jiří Božena Ondřej Zdeňka Šárka Vít Ľubica",
    family: "Dvořák Čapek Svobodová Růžička Němec Šťastný",
  },
  {
    ...place("hu-HU", "Budapest", "Europe/Budapest", "family-first"),
    given: "Katalin László Zsófia Ödön Réka Győző Ágnes",
    family: "Nagy Kovács Szűcs Erdős Fekete Hőgyes",
  },
  {
    ...place("tr-TR", "İstanbul", "Europe/Istanbul"),
    given: "Işıl İsmail Çağla Gökhan Şule Ömer Ayşegül Yiğit",
    family: "Yılmaz Öztürk Çelik Şahin Ilgın İnönü Doğan",
  },
  {
    ...place("vi-VN", "Hà Nội", "Asia/Ho_Chi_Minh", "family-first"),
    given: "Thị_Hương Văn_Đức Minh_Anh Thuỳ_Linh Quốc_Bảo Ngọc_Ánh",
    family: "Nguyễn Trần Lê Phạm Đặng Hoàng",
  },
  {
    ...place("ru-RU", "Almaty", "Asia/Almaty"),
    given: "Анна/anna Сергей/sergey Елена/elena Фёдор/fyodor Ольга/olga Дмитрий/dmitry Юлия/yulia",
    family:
      "Иванова/ivanova Достоевский/dostoevsky Щербаков/shcherbakov Соловьёв/solovyov Кузнецов/kuznetsov",
  },
  {
    ...place("uk-UA", "Kyiv", "Europe/Kyiv"),
    given: "Олена/olena Андрій/andriy Їжак/yizhak Соломія/solomiya Ґалаґан/galagan Євген/yevhen",
    family: "Шевченко/shevchenko Коваль/koval Бондаренко/bondarenko Мельник/melnyk",
  },
  {
    ...place("sr-RS", "Beograd", "Europe/Belgrade"),
    given: "Никола/nikola Љубица/ljubica Ђорђе/djordje Милица/milica",
    family: "Петровић/petrovic Јовановић/jovanovic Ђоковић/djokovic",
  },
  {
    ...place("el-GR", "Athens", "Europe/Athens"),
    given: "Ελένη/eleni Γιώργος/giorgos Οδυσσέας/odysseas Χριστίνα/christina Ἀθηνᾶ/athina",
    family: "Παπαδόπουλος/papadopoulos Νικολαΐδης/nikolaidis Αγγελοπούλου/angelopoulou Ξενάκης/xenakis",
  },
  {
    ...place("ar-EG", "القاهرة", "Africa/Cairo"),
    given: "محمد/mohamed فاطمة/fatima أحمد/ahmed عائشة/aisha يوسف/youssef نُور/nour",
    family: "حسن/hassan الشريف/elsherif إبراهيم/ibrahim عبد_الرحمن/abdelrahman منصور/mansour",
  },
  {
    ...place("fa-IR", "Dubai", "Asia/Dubai"),
    given: "زهرا/zahra کیان/kian مهدی/mehdi نسرین/nasrin",
    family: "کریمی/karimi رضایی/rezaei محمدی/mohammadi",
  },
  {
    ...place("he-IL", "תל אביב", "Asia/Jerusalem"),
    given: "נועה/noa יוסף/yosef שׁירה/shira אברהם/avraham ג׳ורג׳/george",
    family: "כהן/cohen לוי/levi מזרחי/mizrahi בן־דוד/bendavid",
  },
  {
    ...place("hi-IN", "दिल्ली", "Asia/Kolkata"),
    given: "प्रिया/priya राहुल/rahul अनीता/anita विक्रम/vikram आरव/aarav",
    family: "शर्मा/sharma पटेल/patel सिंह/singh गुप्ता/gupta",
  },
  {
    ...place("bn-BD", "Dhaka", "Asia/Dhaka"),
    given: "রহিম/rahim সুমাইয়া/sumaiya তানভীর/tanvir",
    family: "আহমেদ/ahmed চৌধুরী/chowdhury ইসলাম/islam",
  },
  {
    ...place("ta-IN", "Chennai", "Asia/Kolkata"),
    given: "கார்த்திக்/karthik மீனா/meena அருண்/arun",
    family: "சுப்பிரமணியன்/subramanian முருகன்/murugan",
  },
  {
    ...place("th-TH", "กรุงเทพฯ", "Asia/Bangkok"),
    given: "สมชาย/somchai อรุณี/arunee กิตติ/kitti พิมพ์ชนก/pimchanok",
    family: "ใจดี/jaidee ศรีสุข/srisuk วงศ์ใหญ่/wongyai",
  },
  {
    ...place("zh-CN", "上海", "Asia/Shanghai", "family-first-unspaced"),
    given: "小龙/xiaolong 娜/na 伟/wei 芳/fang 秀英/xiuying 建国/jianguo 静/jing",
    family: "李/li 王/wang 张/zhang 刘/liu 陈/chen 欧阳/ouyang",
  },
  {
    ...place("zh-TW", "臺北", "Asia/Taipei", "family-first-unspaced"),
    given: "淑芬/shufen 志明/zhiming 雅婷/yating 俊傑/junjie",
    family: "林/lin 黃/huang 李/li 張/chang",
  },
  {
    ...place("ja-JP", "東京", "Asia/Tokyo", "family-first"),
    given: "太郎/taro さくら/sakura 健太/kenta 花子/hanako ユウキ/yuki 蓮/ren",
    family: "山田/yamada 佐藤/sato 鈴木/suzuki 田中/tanaka 渡邊/watanabe",
  },
  {
    ...place("ko-KR", "서울", "Asia/Seoul", "family-first-unspaced"),
    given: "민준/minjun 서연/seoyeon 지우/jiwoo 하윤/hayoon 철수/cheolsu",
    family: "김/kim 이/lee 박/park 최/choi 정/jung",
  },
  {
    ...place("ka-GE", "Tbilisi", "Asia/Tbilisi"),
    given: "ნინო/nino გიორგი/giorgi თამარ/tamar",
    family: "ბერიძე/beridze კაპანაძე/kapanadze",
  },
  {
    ...place("hy-AM", "Yerevan", "Asia/Yerevan"),
    given: "Անահիտ/anahit Արամ/aram Մարիամ/mariam",
    family: "Սարգսյան/sargsyan Պետրոսյան/petrosyan",
  },
  {
    ...place("am-ET", "Addis Ababa", "Africa/Addis_Ababa"),
    given: "አበበ/abebe ሰላም/selam ዮሐንስ/yohannes",
    family: "ተስፋዬ/tesfaye ከበደ/kebede",
  },
];
