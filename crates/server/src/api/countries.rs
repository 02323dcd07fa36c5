//! Countries: what documents write, and the two forms that the vendor asks for.

/// ISO 3166-1, all 249 as of 2026-11: alpha-3 and alpha-2 together, in the order of the alphabet.
const COUNTRIES: &str = "\
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ \
    BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB \
    BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM \
    CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER \
    ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN \
    GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU \
    IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG \
    KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO \
    MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR \
    MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR \
    NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA \
    REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM \
    SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK \
    TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC \
    VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW";

/// What documents write besides ISO 3166-1 (ICAO 9303 part 3 section 5), and the country that it stands for.
const OF_DOCUMENTS: [(&str, &str); 8] = [
    ("D", "DEU"),
    ("GBD", "GBR"),
    ("GBN", "GBR"),
    ("GBO", "GBR"),
    ("GBP", "GBR"),
    ("GBS", "GBR"),
    // Neither is in ISO 3166-1; both are in wide use.
    ("RKS", "XKX"),
    ("XKX", "XKX"),
];

/// The alpha-3 code of what a document writes; `None` for what is no country, such as a code for stateless people.
pub(crate) fn alpha3(written: &str) -> Option<String> {
    let written = written.trim().to_ascii_uppercase();
    if let Some((_, country)) = OF_DOCUMENTS.iter().find(|(code, _)| *code == written) {
        return Some((*country).to_owned());
    }
    entry(&written).map(|entry| entry[..3].to_owned())
}

/// The alpha-2 code of what a document writes.
pub(crate) fn alpha2(written: &str) -> Option<String> {
    match alpha3(written)?.as_str() {
        "XKX" => Some("XK".to_owned()),
        country => entry(country).map(|entry| entry[3..].to_owned()),
    }
}

fn entry(alpha3: &str) -> Option<&'static str> {
    COUNTRIES.split(' ').find(|entry| alpha3.len() == 3 && entry.starts_with(alpha3))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_country_has_one_code_of_each_kind() {
        let all: Vec<_> = COUNTRIES.split(' ').collect();
        assert!(all.iter().all(|entry| entry.len() == 5) && all.is_sorted());
        for codes in [
            all.iter().map(|entry| &entry[..3]).collect::<BTreeSet<_>>(),
            all.iter().map(|entry| &entry[3..]).collect(),
        ] {
            assert_eq!(codes.len(), 249);
        }
    }

    #[test]
    fn what_documents_write_is_understood() {
        for (written, short) in [
            ("USA", Some("US")),
            ("D", Some("DE")),
            ("deu", Some("DE")),
            ("EGY", Some("EG")),
            ("GBD", Some("GB")),
            ("RKS", Some("XK")),
            ("UTO", None),
            ("XXA", None),
            ("US", None),
            ("", None),
        ] {
            assert_eq!(alpha2(written).as_deref(), short, "{written}");
        }
        assert_eq!(alpha3("D").as_deref(), Some("DEU"));
    }
}
