"""Answers as people give them, of many countries: made up, and each plausible for thousands. All must pass."""

# Separated by semicolons; some hold commas.
_NAMES = """
Ada; Mary Ann; Jean-Luc; O'Brien; O’Brien; O`Brien; O´Neil; D'Angelo; d’Arcy; D'Souza; St. John; St. Clair; McDonald; MacLeod; Mac an tSaoi
Ó Séaghdha; Ní Dhomhnaill; Ó Súilleabháin; Nic Aodha; ap Rhys; Llŷr; Siân; Aoife; Caoimhe; Seán; Bríd
van der Berg; Van Der Berg; van 't Hof; van ’t Hoff; 't Hart; de la Cruz; De La O; de los Ángeles; von Trapp; zu Stein; ten Have; de Oliveira e Silva
al-Ḥasan; Al-Rashid; el-Masri; bin Yusuf; bint Ahmad; Ibn Daoud; Abd al-Rahman; Abu Bakar; ʿAlī; ‘Abd; Noor ul-Ain
Ñúñez; Núñez; Peña; García Márquez; Muñoz Díaz; José María; María del Carmen; Ma. Teresa; Mª Luisa; Iñaki; Zuñiga; Agüero; Etxeberria
João; Conceição; Gonçalves; Antônio; Assunção; Gusmão; Nuñez-Ortiz; Ximénez; Güiraldes
François; Éléonore; Anaïs; Zoé; Lefèvre; L'Écuyer; Jean-François; Hélène; Noël; Guénolé; Le Goff; Du Pont; Œuvrard
Müller; Groß; Strauß; Jörg; Björn; Käthe; Weiß-Schröder; Löwenstein; Ülkü; Schäfer; Hans-Jürgen; Frh. von Berg
Åsa; Øyvind; Søren; Kjærgaard; Ægir; Þórdís; Guðmundsdóttir; Sigurðsson; Bjørnstad; Hagström; Öberg; Lindqvist; Väinö; Hämäläinen; Ääkkönen; Áile; Ánne; Nygård
Łukasz; Świętosława; Żółkiewski; Wójcik; Gołębiewska-Nowak; Dvořák; Šťastný; Jiří; Němcová; Ľudovít; Kováčová; Đorđević; Žižek; Čedomir; Ćosić; Škoda
Ștefan; Țăranu; Ionuț; Brâncuși; Ödön; Győző; Szőke; Kőszegi; Gëzim; Xhaferi; Çelik; Yılmaz; Işık; Öztürk; Gülşah; İbrahim; Əliyev; Ağasıyeva
Jānis; Bērziņš; Kārlis; Ģirts; Ķēniņš; Žemaitė; Ąžuolas; Šarūnas; Jõgi; Tõnu; Õie; Ġorġ; Ħamrun; Żammit; Għarb
Nguyễn; Thảo; Trần Thị Mỹ Linh; Phạm; Đặng; Hoàng Phủ; Ngô Đình; Lê; Võ; Vũ; Quỳnh; Ưng; Huỳnh
Ọlá; Adébáyọ̀; Ṣọlá; Ogụnbanjọ; Chukwuemeka; Ngọzi; Ńnamdí; Kwaku; Ɔkyere; Ɛnyonam; Ŋwà; Tshepo; Nkosazana; Ntombi-zodwa; Mbappou; Ng’ang’a; Wa Thiong'o; !Naruseb; //Garoëb; ǃGawaxab; Hüseb
Rakotomalala; Andrianampoinimerina; Rakotoarisoanantenaina Andriamahefamparany; Razafindrandriatsimaniry; Andriantsimitoviaminandriandehibe
Kealiʻi; Kaʻahumanu; Lani'ohana; Liliʻuokalani; Nāinoa; Keohokālole; Keihanaikukauakahihuliheekahaunaele; Tāne; Māui; Whāngārā; Fa'afetai; Fetu‘u; Ta'ase; Tu`ipulotu; Sālote
Siti a/p Ravi; Kumar s/o Maniam; Mary d/o Joseph; Lim @ Lee; Tan Ah Kow; Wong Siew-Mei; Ng; Oh; E; O; Ye; Xu; Li-Ming; Ko Ko; Ma Hnin; Daw; U; Ong Teng-Cheong; Abdullah @ Dollah
R. K. Narayanan; Sri Ramachandran; Venkata Subramania Sastrigal; S.; V. V. S.; Thiruvananthapuram; Ranganathan Iyer
李小龍; 王伟; 欧阳娜; 司马光; 陳大文; 諸葛; 张丽; ひらがな; さくら; 山田; 太郎; カタカナ; マリア・ルイザ; ジョン・スミス; 辻󠄀; 佐々木; 髙橋; 渡邉; 김민수; 이; 박; 남궁; 선우
Кириллица; Александр; Юлия; Щербакова; Подъячев; Мар'яна; Їжакевич; Ґалаґан; Ђорђе; Љиљана; Ќосев; Ўлмас; Әлия; Нұрсұлтан; Өлзийсайхан; Цэцэгмаа; Соловьёв-Седой
Θεόδωρος; Παπαδοπούλου; Άννα; Ὀδυσσεύς; Μαρία-Ελένη; Հակոբյան; Արմեն; ქეთევან; გიორგი; ბერიძე
أحمد; محمد; فاطمة; عبد الله; آل سعد; مُحَمَّد; علی‌رضا; گلزار; ژاله; نازنین‌زهرا; یوسف‌زئی; پروین; ئازاد; שרה; כהן; יוסף; ג׳ורג׳; צ׳רלי; יְהוּדִית
हिन्दी; श्रीमती; कृष्ण; राजेश; প্রিয়াঙ্কা; রবীন্দ্র; র‍্যাচেল; ਗੁਰਪ੍ਰੀਤ; ગાયત્રી; ଜଗନ୍ନାଥ; தமிழ்; முருகன்; తెలుగు; కృష్ణ; ಕನ್ನಡ; അവന്‍; ലക്ഷ്മി; ശ്രീകുമാർ; ක්‍රිෂාන්; ශ්‍රී; ප්‍රියන්ත
สมชาย; ณัฐพงศ์; ศรีสุวรรณ; กรุงเทพมหานครอมรรัตนโกสินทร์มหินทรายุธยา; ສົມສັກ; សុខា; ច័ន្ទ; မောင်မောင်; အောင်; བསྟན་འཛིན; རྡོ་རྗེ; አበበ; ተስፋዬ; ትዕግስት; ᏣᎳᎩ; ᐃᓄᒃ; ꦱꦫꦶ; ދިވެހި; ⵎⴰⵙⵙⵉⵏ
Jr.; Sr.; III; IV; Smith, Jr.; Brown III; Lee Esq.; William "Bill"; William “Bill”; Ana (Anita); J.; J.R.; J. R. R.; A.J.; X; X Æ A-12; 3rd; Eve 2; Prince-Élie; Smith-Jones-Brown; Smith & Daughter
Sukarno; Mononymous; Teller; Adeyemi-Okonkwo; Aa; Bo; Wolfeschlegelsteinhausenbergerdorff; Featherstonehaugh; Cholmondeley-Warner; Null; Test; None; True; Nan; Undefined; Person
Rhoshandiatellyneshiaunneveshenk; Maria-Magdalena Anna Theresia Johanna Josepha; Mac Giolla Phádraig; María de los Dolores Inmaculada Concepción de la Santísima Trinidad Fernández de Córdoba
"""  # noqa: E501
NAMES = [name.strip() for line in _NAMES.strip().splitlines() for name in line.split(";")]

# Street | city | state | ZIP code. Places exist; houses need not.
_AT_HOME = """
12 Dauphin St | Mobile | AL | 36602
4100 County Road 55 | Cullman | AL | 35055
301 Cushman St | Fairbanks | AK | 99701
Mile 52.5 Richardson Hwy | Delta Junction | AK | 99737
General Delivery | Utqiagvik | AK | 99723
5 W Whispering Wind Dr | Phoenix | AZ | 85085
Indian Route 12 Milepost 8 | Fort Defiance | AZ | 86504
2 Miles North of Trading Post | Tuba City | AZ | 86045
1200 S 7th Ave | Yuma | AZ | 85364
15 Rodney Parham Rd | Little Rock | AR | 72205
77 Ozark 3000 | Ozark | AR | 72949
State Line Ave 500 | Texarkana | AR | 71854
1234 1/2 N Gower St | Los Angeles | CA | 90038
742-A Evergreen Ter | Burbank | CA | 91502
99 Calle de la Luna | San Juan Capistrano | CA | 92675
5 Avenida Cañada | Rancho Mirage | CA | 92270
16 Embarcadero Ctr | San Francisco | CA | 94111
38000 Hwy 1 | Big Sur | CA | 93920
1 A St | Eureka | CA | 95501
NW Corner of Dolores & 4th | Carmel-by-the-Sea | CA | 93921
12 17th St | Denver | CO | 80202
30 Road 21 1/2 | Grand Junction | CO | 81503
8 Post Rd E | Westport | CT | 06880
3 Post Office Sq | New Haven | CT | 06510
31 Whippoorwill Ln | Old Saybrook | CT | 06475
4 Duck Creek Rd | Smyrna | DE | 19977
22 S Governors Ave | Dover | DE | 19904
1600 P St NW | Washington | DC | 20036
12 Half St SE | Washington | DC | 20003
6 I St SW Apt 1 | Washington | DC | 20024
450 NE 2nd Ave | Miami | FL | 33132
12 Calle Ocho | Miami | FL | 33135
3 Mallory Sq | Key West | FL | 33040
18 St. George St | St. Augustine | FL | 32084
10 Palmetto Bluff Cir | Land O' Lakes | FL | 34638
500 Peachtree St NE | Atlanta | GA | 30308
5 Police Plaza | Savannah | GA | 31401
21 MLK Jr. Blvd SW | Atlanta | GA | 30303
75-5660 Kopiko St | Kailua-Kona | HI | 96740
1001 Ala Moana Blvd | Honolulu | HI | 96814
94-1221 Ka Uka Blvd | Waipahu | HI | 96797
12 ‘Ōhiʻa Loop | Hāna | HI | 96713
4-831 Kūhiō Hwy | Kapaʻa | HI | 96746
200 N 300 E | Boise | ID | 83702
12 Box Elder Dr | Coeur d'Alene | ID | 83814
233 S Wacker Dr | Chicago | IL | 60606
38W123 McKee St | Batavia | IL | 60510
0N025 Windermere Rd | Winfield | IL | 60190
2N370 Bernice Ave | Glen Ellyn | IL | 60137
1 Monument Cir | Indianapolis | IN | 46204
8500 N 500 W | Fountaintown | IN | 46130
RR 2 Box 15 | Paoli | IN | 47454
2400 230th St | Ames | IA | 50014
13500 NW 86th St | Des Moines | IA | 50131
2211 W 13th St N | Wichita | KS | 67203
3 SW Drawer Creek Rd | Topeka | KS | 66614
900 Avenue B | Dodge City | KS | 67801
100 Muhammad Ali Blvd | Louisville | KY | 40202
45 Possum Trot Rd | Benton | KY | 42025
701 Rue Royale | New Orleans | LA | 70116
8 Bayou Lafourche Rd | Thibodaux | LA | 70301
5 Tchoupitoulas St | New Orleans | LA | 70130
12 Boxwood Ln | Portland | ME | 04103
7 Caller St | Bangor | ME | 04401
1 T 3 Indian Purchase Rd | Millinocket | ME | 04462
4 Charles St | Baltimore | MD | 21201
12 Post House Rd | Havre de Grace | MD | 21078
10 Old Post Rd | Boston | MA | 02108
77 Mass Ave | Cambridge | MA | 02139
3 Oak Bluffs Way | Martha's Vineyard | MA | 02568
1 Woodward Ave | Detroit | MI | 48226
N1234 County Road 577 | Menominee | MI | 49858
8 Mile Rd 14500 | Detroit | MI | 48235
4455 Eagle Harbor Rd | L'Anse | MI | 49946
12 Nicollet Mall | Minneapolis | MN | 55403
8 W 78 1/2 St | Bloomington | MN | 55420
220 Beale Rd | Tupelo | MS | 38801
14 D'Iberville Blvd | D'Iberville | MS | 39540
10 Arsenal St | St. Louis | MO | 63118
221 County Road AA | Holts Summit | MO | 65043
5 State Highway Z | O'Fallon | MO | 63368
1 Last Chance Gulch | Helena | MT | 59601
HC 65 Box 40 | Ekalaka | MT | 59324
3300 O St | Lincoln | NE | 68510
82345 543rd Ave | Norfolk | NE | 68701
3600 S Las Vegas Blvd | Las Vegas | NV | 89109
HCR 33 Box 2750 | Las Vegas | NV | 89161
4 Old Post Office Rd | Keene | NH | 03431
71 Lake Winnipesaukee Rd | Laconia | NH | 03246
84 Willow Terrace | Hoboken | NJ | 07030
1 Ho-Ho-Kus Ave | Ho-Ho-Kus | NJ | 07423
12 Avenue at Port Imperial | West New York | NJ | 07093
5 Camino del Monte Sol | Santa Fe | NM | 87505
12 Calle Peña | Española | NM | 87532
1 NM Highway 14 Bldg 3 | Truth or Consequences | NM | 87901
37-12 82nd St | Jackson Heights | NY | 11372
116-55 Queens Blvd | Forest Hills | NY | 11375
1 Wall St | New York | NY | 10005
350 5th Ave Fl 20 | New York | NY | 10118
12 Equestrian Ave | Fishers Island | NY | 06390
4 1/2 Delaware Ave | Buffalo | NY | 14202
2 Avenue U | Brooklyn | NY | 11223
9 Box 7 Mountain Rd | Lake Placid | NY | 12946
22 Tar Heel Way | Chapel Hill | NC | 27514
5 Hwy 12 Milepost 9.5 | Kill Devil Hills | NC | 27948
12 Po Valley Ln | Asheville | NC | 28801
4201 38th St S | Fargo | ND | 58104
3045 127 1/2 Ave NE | Bismarck | ND | 58503
1 Public Sq | Cleveland | OH | 44113
15 State Route 7 | Gallipolis | OH | 45631
2 E 12th St | Tulsa | OK | 74119
S 4100 Rd 12 | Claremore | OK | 74017
12 NW 23rd Pl | Portland | OR | 97210
0715 SW Bancroft St | Portland | OR | 97239
1500 Market St 12th Floor | Philadelphia | PA | 19102
3 Rear Elm St | Wilkes-Barre | PA | 18702
RD 3 Box 88 | Punxsutawney | PA | 15767
1 Thayer St | Providence | RI | 02906
8 Block Island Way | New Shoreham | RI | 02807
5 Rainbow Row | Charleston | SC | 29401
12 Lands End Rd | St. Helena Island | SC | 29920
47123 US Hwy 14 | Sioux Falls | SD | 57104
123 BIA Road 2 | Pine Ridge | SD | 57770
6 Music Row | Nashville | TN | 37203
3 Appomattox Ct | Oak Ridge | TN | 37830
4 River Walk | San Antonio | TX | 78205
12 FM 1960 Rd W | Houston | TX | 77090
1 County Road 4114 | Texhoma | TX | 73960
9 Avenue O 1/2 | Galveston | TX | 77550
22 Ranch to Market Rd 620 | Austin | TX | 78734
120 E 200 S | Salt Lake City | UT | 84111
1240 East 2100 South #300 | Salt Lake City | UT | 84106
42 N 1450 W Cir | St. George | UT | 84770
3 Church St | Burlington | VT | 05401
1 VT Route 100 | Stowe | VT | 05672
12 Courthouse Rd | Arlington | VA | 22201
3 Duke of Gloucester St | Williamsburg | VA | 23185
8 Po River Ln | Spotsylvania | VA | 22551
5 Pike Pl | Seattle | WA | 98101
12345 SE 240th Pl | Kent | WA | 98030
4 Pe Ell McDonald Rd | Pe Ell | WA | 98572
1 Capitol St E | Charleston | WV | 25301
Star Route Box 5 | Elkins | WV | 26241
N6W23001 Bluemound Rd | Waukesha | WI | 53188
W204N11509 Goldendale Rd | Germantown | WI | 53022
12 Teton Pass Rd | Alta | WY | 83414
5 Snake River Dr | Jackson | WY | 83001
1 Lincolnway | Cheyenne | WY | 82001
Rural Route 2 Box 15 | Pago Pago | AS | 96799
1 Fagatogo Village Rd | Pago Pago | AS | 96799
155 Ypao Rd | Tamuning | GU | 96913
12 Chalan San Antonio | Hagåtña | GU | 96910
1 Beach Rd | Saipan | MP | 96950
Chalan Kanoa Village 4 | Saipan | MP | 96950
URB Las Gladiolas 150 Calle A | San Juan | PR | 00926
Urb. Río Cañas 2045 Calle Yagüez | Ponce | PR | 00728
Cond. Torre del Mar Apt 4B | Carolina | PR | 00979
150 Calle Fortaleza | San Juan | PR | 00901
Carr. 129 Km 8.3 Int. | Arecibo | PR | 00612
HC 01 Box 3450 | Mayagüez | PR | 00680
Bo. Quebrada Sector Los Pérez | Añasco | PR | 00610
1 Kronprindsens Gade | St. Thomas | VI | 00802
12-13 King Cross St | Christiansted | VI | 00820
PSC 1234 Box 5678 | APO | AE | 09204
Unit 2050 Box 4190 | APO | AP | 96278
CMR 415 Box 7 | APO | AE | 09114
USS Enterprise CVN-65 | FPO | AP | 96601
Unit 3050 Box 20 | DPO | AA | 34002
PSC 80 Box 11 | FPO | AP | 96373
"""
AT_HOME = [tuple(part.strip() for part in line.split("|")) for line in _AT_HOME.strip().splitlines()]

# Street | city | state or province | postal code | country.
_ABROAD = """
10 Downe Street | London | | SW1A 2AB | GBR
Flat 3, 221b Baker St | London | Greater London | NW1 6XE | GBR
The Old Post Office, Church Lane | Llanfair | Gwynedd | LL61 5UJ | GBR
5 O'Connell St | Dublin | | D01 F5P2 | IRL
1234 Rue Saint-Denis | Montréal | QC | H2X 3K8 | CAN
RR 1 Site 5 Box 8 | Canmore | AB | T1W 2T7 | CAN
12 Rue de l'Église | Trois-Rivières | Québec | G9A 1A1 | CAN
12 bis, rue de la Paix | Paris | | 75002 | FRA
Straße des 17. Juni 135 | Berlin | | 10623 | DEU
Hauptstr. 5 | Köln | Nordrhein-Westfalen | 50667 | DEU
C/ Gran Vía, 28, 3º B | Madrid | Madrid | 28013 | ESP
Rua do Ouro 12, 3.º Esq. | Lisboa | | 1100-061 | PRT
Via Roma 7 | Milano | MI | 20121 | ITA
Av. Paulista, 1578 - Bela Vista | São Paulo | SP | 01310-200 | BRA
Calle 5 # 12-34 | Bogotá | Cundinamarca | 110311 | COL
Av. Insurgentes Sur 1602 Int. 4 | Ciudad de México | CDMX | 03940 | MEX
Calle Apartado 5 | Oaxaca | Oaxaca | 68000 | MEX
Jr. Puno 123 | Lima | Lima | 15001 | PER
東京都千代田区丸の内1丁目9−1 | 千代田区 | 東京都 | 100-0005 | JPN
北京市朝阳区建国路88号 | 北京 | 北京市 | 100022 | CHN
서울특별시 종로구 세종대로 175 | 서울 | | 03154 | KOR
ул. Тверская, д. 7, кв. 12 | Москва | | 125009 | RUS
Λεωφ. Κηφισίας 44 | Αθήνα | Αττική | 115 26 | GRC
شارع الملك فهد ١٢ | الرياض | | 12211 | SAU
רחוב דיזנגוף 50 | תל אביב | | 6433222 | ISR
14 MG Road, Indiranagar | Bengaluru | Karnataka | 560038 | IND
H.No. 4-5-6, गांधी मार्ग | पुणे | महाराष्ट्र | 411001 | IND
99/7 ถนนสุขุมวิท | กรุงเทพมหานคร | | 10110 | THA
12 Nguyễn Huệ, Phường Bến Nghé | Hồ Chí Minh | | 700000 | VNM
Jl. M.H. Thamrin No. 1 | Jakarta | DKI Jakarta | 10310 | IDN
Blk 123 Ang Mo Kio Ave 3 #04-56 | Singapore | | 560123 | SGP
Flat A, 12/F, 5 Queen's Road | Hong Kong | | | HKG
Villa 12, Al Wasl Road | Dubai | Dubai | | ARE
12 Long Street | Cape Town | Western Cape | 8001 | ZAF
Plot 5, Awolowo Rd, Ìkòyí | Lagos | Lagos | 101233 | NGA
1/5 Bondi Rd | Sydney | NSW | 2026 | AUS
12 Karangahape Rd | Tāmaki Makaurau | Auckland | 1010 | NZL
Storgata 5 | Tromsø | | 9008 | NOR
Ulica Świętokrzyska 14/2 | Łódź | | 90-001 | POL
Václavské nám. 1 | Praha | | 110 00 | CZE
İstiklal Cad. No: 12 D: 4 | İstanbul | Beyoğlu | 34430 | TUR
Kärntner Straße 1/Stiege 2/Tür 5 | Wien | | 1010 | AUT
Prinsengracht 263-hs | 's-Gravenhage | Zuid-Holland | 2511 AA | NLD
Rue de la Loi 16 bte 4 | Bruxelles | | 1000 | BEL
"""
ABROAD = [tuple(part.strip() for part in line.split("|")) for line in _ABROAD.strip().splitlines()]
_UNITS = """
Apt 3;#4B;Unit 12;Suite 300;Ste. 5;Fl 2;Floor 12;PH 1;Penthouse;Lot 7;Trlr 9;Rear;Basement;Bsmt;Apto 5-B;Edif. 3 Apt 2
3º izq.;PMB 40;Rm 101;1/2;A;7;Bldg C;Room No. 5;Slip 12;Hangar 3;Upper;Dept. 9;Piso 2;Box 40;
"""
UNITS = [unit for line in _UNITS.strip().splitlines() for unit in line.split(";")]

_AMERICAN = """
(201) 555-0143;(201)555-0143;(201) 5550143;201-555-0143;201.555.0143;201 555 0143;2015550143;201/555-0143;201/555/0143;201_555_0143
1-201-555-0143;1 201 555 0143;1.201.555.0143;12015550143;1 (201) 555-0143;1(201)555-0143;1-(201)-555-0143;1/201/555/0143
+1 201 555 0143;+1-201-555-0143;+12015550143;+1 (201) 555-0143;+1(201)555-0143;+1.201.555.0143;+ 1 201 555 0143;+1 2015550143
201–555–0143;201—555—0143;201‑555‑0143;201 555–0143;201−555−0143;２０１５５５０１４３;٢٠١٥٥٥٠١٤٣;（201）555-0143;201\u00a0555\u00a00143
 201 555 0143 ;201  555  0143;201 - 555 - 0143;(201) 555 - 0143;( 201 ) 555-0143;[201] 555-0143;201-5550143;201555-0143;201 5550143
tel:+1-201-555-0143;tel:201-555-0143;011 1 201 555 0143;Phone: 201-555-0143;Cell (201) 555-0143;+1.201-555.0143
"""  # noqa: E501
_AREAS = """205 907 928 501 213 415 303 203 302 202 305 404 808 208 312 317 515 316 502 504 207 410 617 313 612 601 314
406 402 702 603 973 505 212 718 919 701 216 405 503 215 401 803 605 615 214 512 713 801 802 703 206 304 414 307 684
671 670 787 939 340 800 888 917 929 332 628 657 747 820 838 854 872 878 930 934 945 959 983 986 242 246 876 868 809
416 514 604 613 902 867"""
_FOREIGN = """
+44 20 7946 0958;+44 (0)20 7946 0958;+447700900123;011 44 20 7946 0958;+353 1 234 5678;+33 1 23 45 67 89;+33 6 12 34 56 78;+49 30 901820
+49 (0)30 901820;+49 151 23456789;+34 912 345 678;+351 21 234 5678;+39 06 1234 5678;+39 312 345 6789;+41 44 668 18 00;+43 1 234567;+31 20 123 4567
+32 2 123 45 67;+45 32 12 34 56;+46 8 123 456 78;+47 21 23 45 67;+358 9 1234567;+354 410 9000;+48 22 123 45 67;+420 212 345 678;+421 2 123 456 78
+36 1 234 5678;+40 21 123 4567;+359 2 123 456;+30 21 2345 6789;+90 212 345 6789;+7 495 123-45-67;+7 701 123 4567;+380 44 123 4567;+375 17 123-45-67
+972 2-123-4567;+972 50-234-5678;+966 11 234 5678;+971 50 123 4567;+974 3312 3456;+965 500 12345;+98 21 2345 6789;+92 21 23456789;+91 98765 43210
+91-22-2345-6789;+880 2-7111234;+94 11 234 5678;+977 1-4567890;+95 1 234 567;+66 2 123 4567;+84 24 3123 4567;+855 23 756 789;+856 21 212 862
+60 3-2345 6789;+65 6123 4567;+62 21 2345 6789;+63 2 3234 5678;+86 10 1234 5678;+86 138 0013 8000;+852 2345 6789;+853 2821 2345;+886 2 2123 4567
+81 3-1234-5678;+81 90-1234-5678;+82 2-2123-4567;+82 10-2000-0000;+61 2 1234 5678;+61 412 345 678;+64 3-234 5678;+679 321 2345;+685 22123;+683 4002
+20 2 34567890;+212 5201-23456;+213 12 34 56 78;+216 30 010 123;+234 802 123 4567;+233 23 123 4567;+254 20 2012345;+251 11 111 2345;+27 10 123 4567
+261 20 21 234 56;+290 22158;+221 30 101 00 12;+52 55 1234 5678;+54 9 11 2345-6789;+54 11 2345-6789;+55 11 2345-6789;+55 11 96123-4567;+56 2 2123 4567
+57 601 1234567;+51 1 1234567;+58 212-1234567;+593 2-212-3456;+591 2 2123456;+595 21 123456;+598 2123 1234;+506 2212 3456;+507 200-1234;+502 2245 6789
+503 2123 4567;+504 2212-3456;+505 2123 4567;+53 7 1234567;+509 22 45 3456;+1 876 523 0123;+1 242 345 6789;+1 809 234 5678;+1 416 555 0143;+1 604-555-0143
"""  # noqa: E501
AMERICAN_SPELLINGS = [phone for line in _AMERICAN.strip("\n").splitlines() for phone in line.split(";")]
PHONES = [
    *AMERICAN_SPELLINGS,
    *(f"({area}) 555-01{number:02}" for number, area in enumerate(_AREAS.split())),
    *(phone for line in _FOREIGN.strip().splitlines() for phone in line.split(";")),
]
EMAILS = [
    *("ada@example.com", "ada.okafor@example.com", "ada+broker@example.com", "a@b.co", "ADA@EXAMPLE.COM"),
    *("ada_o'brien@mail.example.co.uk", "1@example.org", "ada-lee@sub-domain.example.travel", "x%y@example.museum"),
    *("ada@xn--bcher-kva.example", "x" * 48 + "@example.com", "ada+" + "x" * 84 + "@example.com"),
]
