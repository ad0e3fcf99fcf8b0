"""Given names that are the same one: spelled in another way, or said short.

Called by likeness. All in the letters a to z. Names of brothers and sisters are kept apart: no Daniel with Danielle.
"""

from collections import defaultdict

SPELLED_OTHERWISE, SHORT_FORM, TWO_SHORT_FORMS = "spelled otherwise", "short form", "two short forms"

# One name each, up to the semicolon.
_SPELLINGS = """
aaron aron; abdullah abdallah abdulla; ahmed ahmad; aidan aiden ayden; alan allan allen; alejandro alexandro;
aleksandra alexandra; alexander aleksander aleksandr alexandr alexandros alexandre alexandru oleksandr;
alexei alexey aleksei aleksey oleksii; alicia alisha alycia; allison alison alyson allyson; amir ameer;
andrei andrey andriy andrii; ann anne; anna ana; antony anthony; bryan brian; caitlin katelyn kaitlyn kaitlin catelyn;
carla karla; carolyn carolin; catherine katherine katharine kathryn cathryn catharine katheryn; cathleen kathleen;
charlene sharlene; christina kristina cristina krystyna; christine kristine christene;
christopher kristopher cristopher; cindy cyndi; craig kraig; cristian christian kristian; darren darrin daren darin;
deborah debra debora; dennis denis; dmitry dmitri dmitriy dmitrii dmytro; elena yelena olena;
elizabeth elisabeth elizaveta; eric erik erick; eugene evgeny yevgeny evgeniy yevgeniy evgenii yevhen;
fatima fatimah fatma; gary garry; geoffrey jeffrey jeffery geoffry; gregory greggory grigory grigoriy;
hannah hanna hana; hasan hassan; hussein hussain husain hossein husayn hossain; ibrahim ebrahim; igor ihor;
ilya ilia illia; isabel isabelle izabel; isabella izabella; ivan iwan; jacqueline jaqueline jacquelyn;
jenifer jennifer; john jon; jonathan johnathan jonathon johnathon; joseph josef; julian julien; kelly kelley kellie;
khalid khaled; kirsten kirstin kiersten; kristen kristin cristin; laurence lawrence; leah lea; lindsay lindsey;
louis lewis; lynn lynne lyn; lyudmila ludmila liudmyla; maksim maxim maksym; marianne maryann maryanne;
mariya maria mariia; mark marc; matthew mathew; megan meghan meagan; michael micheal mikhail mykhailo mikael mikhael;
michelle michele; mohammed muhammad mohamed mohammad mohamad muhammed mohamud muhamad md mohd;
mustafa mostafa moustafa; nataliya natalia natalya nataliia; nicholas nicolas nickolas nikolas; nicole nichole;
nikolai nikolay nikolaj mykola; olga olha; omar umar omer; osman usman othman uthman; pavel pawel pavlo;
peter pyotr petr petro piotr; philip phillip; rachel rachael; rafael raphael; rashid rasheed; rebecca rebekah;
robyn robin; saeed said; sayed syed; samira sameera; sara sarah; sean shawn shaun; sergey sergei serhii;
sofia sophia sofiya zofia; stefan stephan; stephanie stefanie stephany stefani; stephen steven; suzanne susanne;
svetlana svitlana; sydney sidney; tatiana tatyana tetiana; teresa theresa; thaddeus tadeusz; tracy tracey;
victor viktor wiktor; victoria viktoria viktoriya viktoriia; vivian vivien vivienne; vladimir volodymyr wladimir;
walter valter; yulia yuliya julia yuliia; yuri yuriy yury iurii yurii; yusuf yousef youssef yusef yousuf yosef;
yvonne ivonne; zachary zachery zackary; zainab zaynab zeinab; zoe zoey
"""

# A name, and what people who bear it are called.
_SHORT_FORMS = """
aaron: ron; abigail: abby abbie gail; abraham: abe bram; adelaide: addie della; adriana: adri; agnes: aggie nessa;
albert: al bert albie; alberto: beto; alejandra: alex ale jandra; alejandro: alex ale jandro sandro;
alexander: alex al alec sandy xander lex sasha zander sascha; alexandra: alex sandra sandy lexi lexie sasha allie;
alfonso: poncho fonso; alfred: al fred alf alfie; alfredo: fredo fredy; allison: allie ali; amanda: mandy manda;
amelia: amy millie mel; andrea: andie andi drea; andrew: andy drew; angela: angie; ann: annie nan; anna: annie anya;
anthony: tony; antoinette: toni nettie; antonio: tono tony toni; archibald: archie; arthur: art artie;
augustus: gus augie; barbara: barb barbie babs bobbie; bartholomew: bart; beatrice: bea trixie; beatriz: bea betty;
benjamin: ben benny benji benjy; bernard: bernie barney; bradley: brad; brandon: bran; bridget: bridie biddy;
calvin: cal; cameron: cam; carolina: caro lina; caroline: carrie carol caro lina;
catherine: kate katie kathy cathy kat kitty kay katy cate cat kathie cathie; cecilia: cece celia cissy;
charles: charlie chuck charley chas chip chaz; charlotte: charlie lottie lotte char; christian: chris;
christina: chris chrissy tina christy christie kris; christine: chris chrissy chrissie tina christy christie;
christopher: chris kit topher kris; clarence: clare; clifford: cliff; clifton: cliff; concepcion: concha conchita;
constance: connie; consuelo: chelo; cornelius: neil connie; curtis: curt; cynthia: cindy cyndi; daniel: dan danny dani;
danielle: dani danny; david: dave davey davy; deborah: deb debbie debby; dennis: denny; diana: di;
dolores: lola dolly loli; dominic: dom nick; donald: don donnie donny; dorothy: dot dottie dolly dee; douglas: doug;
edmund: ed eddie ted ned; eduardo: lalo edu eddie; edward: ed eddie ted teddy ned; edwin: ed eddie;
eleanor: ellie nell nora elle;
elizabeth: liz beth betty lizzie betsy eliza libby lisa ellie bess elsie lizbeth liza bette; emily: em emmy millie;
emmanuel: manny manu; enrique: quique kike; ernest: ernie; ernesto: neto; esperanza: espe; eugene: gene;
evelyn: evie eve; federico: fede; felicia: fliss; fernando: fer nando; florence: flo florrie flossie;
frances: fran frannie francie franny fanny; francis: frank frankie fran; francisca: paca paquita fran;
francisco: paco pancho frank cisco kiko paquito fran; franklin: frank; frederick: fred freddie freddy rick fritz;
gabriel: gabe; gabriela: gaby gabi; gabriella: gaby gabby; gabrielle: gaby gabby; geoffrey: jeff geoff;
george: georgie; gerald: gerry jerry; gerardo: lalo; gertrude: trudy gert gertie; gilbert: gil; giovanni: gianni;
giuseppe: beppe peppe pino; gonzalo: gonza; graciela: chela; gregory: greg gregg; guadalupe: lupe lupita;
guillermo: memo guille; gustavo: gus tavo; gwendolyn: gwen wendy; harold: harry hal; harriet: hattie; hector: tito;
helen: nell nellie lena; henry: harry hank hal; herbert: herb bert; herman: manny; howard: howie; hubert: bert;
humberto: beto; ignacio: nacho; isaac: ike zac; isabel: bel izzy chabela isa; isabella: izzy bella bel isa;
jacob: jake; jacqueline: jackie jacqui; james: jim jimmy jamie jem jimmie; jane: janie jenny; janet: jan;
jasmine: jas jazz; jefferson: jeff; jennifer: jen jenny jenn jennie; jeremiah: jerry jem; jeremy: jerry jez;
jerome: jerry; jessica: jess jessie; jesus: chuy chucho; joan: joanie; joaquin: quino; john: jack johnny johnnie;
jonathan: jon jonny; jose: pepe joe che chepe; josefina: pepa fina; joseph: joe joey jo; josephine: jo josie fifi;
joshua: josh; joyce: joy; juan: juancho juanito; judith: judy; julian: jules; julio: jules; justin: jus;
katarzyna: kasia; kenneth: ken kenny; kimberly: kim kimmy; kristen: kris; laura: laurie lori; laurence: larry lorenz;
leonard: leo len lenny; leonardo: leo leon; leopoldo: polo; leslie: les; lillian: lily lil lillie;
lorenzo: renzo lencho; louis: lou louie; louise: lou; lucille: lucy; lucinda: lucy cindy; luis: lucho;
magdalena: lena maggie magda; malgorzata: gosia; manuel: manny manolo manu; marcus: marc;
margaret: maggie peggy meg marge margie greta peg madge megan rita; margarita: rita marga margo;
maria: mari mia mariquita maruja marucha; mariana: mari; marion: mary; marjorie: marge margie;
martha: marty patty mattie; martin: marty; mary: molly polly mae may mamie; matilda: tilly mattie; matthew: matt matty;
maurice: mo morrie; maximilian: max; maxwell: max; melanie: mel; melissa: mel missy lissa; melvin: mel;
mercedes: merche; michael: mike mick mickey mikey micky misha; michelle: shelly shell; mildred: millie; milton: milt;
miriam: mimi; mohammed: mo moe; montgomery: monty; morris: mo; nancy: nan; natalie: nat tally; nataliya: natasha nata;
natasha: tasha; nathan: nate nat; nathaniel: nate nat nathan; nicholas: nick nicky nico klaus; nicolas: nico;
nicole: nikki nicky nic; norman: norm; oliver: ollie oli; olivia: liv livvy ollie; pamela: pam;
patricia: pat patty tricia trish pattie patsy paddy; patricio: pato; patrick: pat paddy rick patsy; pavel: pasha;
penelope: penny; percival: percy; peter: pete; philip: phil pip; phyllis: phyl; priscilla: cilla; prudence: pru;
rachel: rae; rafael: rafa rafe; ramon: moncho; randolph: randy; raul: rulo; raymond: ray; rebecca: becky becca;
regina: gina reggie; reginald: reg reggie; ricardo: rick ricky richie; richard: rich rick dick ricky richie ritchie;
robert: bob rob bobby robbie bobbie; roberta: bobbie robbie; roberto: beto bob; roderick: rod rick; rodney: rod;
rodolfo: rudy fito; rodrigo: rodri; roger: rog; ronald: ron ronnie ronny; rosa: rosie rosita; rosalind: roz;
rosario: charo chayo; rosemary: rose rosie; roxanne: roxy; rudolph: rudy; russell: russ rusty; salvador: chava salva;
salvatore: sal; samantha: sam sammy; samuel: sam sammy; sandra: sandy; santiago: santi chago; sara: sally sadie;
sebastian: seb bas; sergey: serge; sergio: checo; shirley: shirl; sidney: sid syd; silvia: chivis; simon: si;
socorro: coco; sofia: sophie sofi; solomon: sol; stanley: stan; stephanie: steph stevie; stephen: steve stevie;
stuart: stu; susan: sue susie suzy suze; susana: susi; suzanne: sue suzy; sylvester: sly; sylvia: syl;
tamara: tammy tamar; tatiana: tanya tania; terence: terry; teresa: terry tess tessa tere teri terri; terrance: terry;
thaddeus: thad tad; theodora: thea dora; theodore: ted teddy theo; thomas: tom tommy; timothy: tim timmy; tobias: toby;
tomas: tomy; tyrone: ty; ursula: ulla; valentina: vale; valerie: val; vernon: vern; veronica: vero ronnie roni;
vicente: chente; victor: vic; victoria: vicky vicki tori vickie; vincent: vince vinny vin vinnie; viola: vi;
virginia: ginny ginger gina; vladimir: vlad vova volodya; walter: walt wally; wendell: wendy; wilfred: wilf fred;
wilhelm: willy will; william: bill will billy willie willy liam bud; winifred: winnie fred freddie; winston: win;
yolanda: yoli; yulia: yulya; yusuf: yus; zachary: zach zack zac zak
"""


def _one_name() -> dict[str, str]:
    """Return for each spelling the one that stands for them all."""
    names = [name.split() for name in _SPELLINGS.split(";")]
    return {spelling: name[0] for name in names for spelling in name}


_ONE = _one_name()


def _long_forms() -> dict[str, set[str]]:
    """Return for each short form the names that it may stand for."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in _SHORT_FORMS.split(";"):
        name, _, short_forms = entry.strip().partition(": ")
        for short in short_forms.split():
            found[short].add(_ONE.get(name, name))
    return dict(found)


_LONG = _long_forms()
_NONE: set[str] = set()


def kinship(one: str, other: str) -> str:
    """Return how two different words are one given name: SPELLED_OTHERWISE, SHORT_FORM, TWO_SHORT_FORMS; "" if not."""
    if (standard := _ONE.get(one)) and standard == _ONE.get(other):
        return SPELLED_OTHERWISE
    longs, other_longs = _LONG.get(one, _NONE), _LONG.get(other, _NONE)
    if _ONE.get(one, one) in other_longs or _ONE.get(other, other) in longs:
        return SHORT_FORM
    return TWO_SHORT_FORMS if longs & other_longs else ""
