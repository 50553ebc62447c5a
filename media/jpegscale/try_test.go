package jpegscale
import ("testing";"os";"path/filepath";"image";"image/jpeg";"bytes";"fmt";"math")
func cmpPlane(a Plane, pix []byte, stride int) (mean float64, db float64, mx int) {
	s,sq:=0.0,0.0
	for y:=0;y<a.Height;y++{ for x:=0;x<a.Width;x++{ d:=int(a.Pix[y*a.Stride+x])-int(pix[y*stride+x]); if d<0{d=-d}; if d>mx{mx=d}; s+=float64(d); sq+=float64(d*d)}}
	n:=float64(a.Width*a.Height)
	return s/n, 10*math.Log10(255*255/(sq/n+1e-9)), mx
}
func TestTry(t *testing.T){
	fs,_:=filepath.Glob("/tmp/corp/*.jp*g")
	for _,f:=range fs {
		src,_:=os.ReadFile(f)
		img,err:=jpeg.Decode(bytes.NewReader(src))
		h,e:=Open(src)
		if e!=nil { fmt.Println(filepath.Base(f),"open",e,"std",err); continue}
		p,e:=h.Plan(image.Rect(0,0,h.Width,h.Height),image.Pt(1<<20,1<<20))
		if e!=nil { fmt.Println(filepath.Base(f),"plan",e,"std",err); continue}
		pl,e:=p.Decode(t.Context())
		if e!=nil||err!=nil { fmt.Println(filepath.Base(f),"decode",e,"std",err); continue}
		switch m:=img.(type){
		case *image.Gray: a,b,c:=cmpPlane(pl[0],m.Pix,m.Stride); fmt.Println(filepath.Base(f),h.Width,h.Height,a,b,c)
		case *image.YCbCr:
			for i,px:=range [][]byte{m.Y,m.Cb,m.Cr}{ st:=m.YStride; if i>0{st=m.CStride}; a,b,c:=cmpPlane(pl[i],px,st); fmt.Println(filepath.Base(f),i,pl[i].Width,pl[i].Height,a,b,c) }
		default: fmt.Printf("%s %T\n",f,img)
		}
	}
}
